"""Page-table pages come with their first entry and go with the last mapping."""

from errno import EAGAIN

import pytest

from fuzzcopy import Kernel
from fuzzcopy.oracles import ALL, Oracle
from fuzzcopy.runner import run
from fuzzcopy.scenario import (
    Collapse,
    CpuSpec,
    FileSpec,
    Load,
    MappingSpec,
    Mremap,
    Munmap,
    Scenario,
    SpaceSpec,
    Store,
)

from .programs import perform

SHARED = MappingSpec(0, 2, 0, shared=True)


def tables_after(*program, mapping=SHARED):
    """The places of the page-table pages that are left."""
    left = []

    class Look(Oracle):
        def finish(self):
            left.extend(sorted(self.world.kernel.spaces[0].table.pages))

    scenario = Scenario(
        cpus=(CpuSpec(program),), files=(FileSpec(32),), spaces=(SpaceSpec((mapping,)),)
    )
    run(Kernel, scenario, oracles=[*ALL, Look]).raise_verdict()
    return left


@pytest.mark.parametrize(
    ("program", "left"),
    [
        ((Load(0, 0, 1),), [1]),
        ((Load(0, 0, 1), Munmap(0, 0, 2)), []),
        ((Load(0, 0, 1), Munmap(0, 0, 1)), [1]),
        ((Load(0, 0, 1), Mremap(0, 2, 3)), [4]),
        ((Load(0, 0, 1), Collapse(0)), []),
        ((Load(0, 0, 1), Collapse(0), Load(0, 16, 1)), [1]),
    ],
)
def test_a_page_table_page_stays_as_long_as_a_mapping_may_need_it(program, left):
    assert tables_after(*program) == left


def test_a_collapse_leaves_the_process_its_own_memory():
    seen = perform(Store(0, 0, 4), Collapse(0), Load(0, 0, 4), mappings=(MappingSpec(0, 1, 0),))
    assert seen.returned == [4, -EAGAIN, 4]


def test_a_collapse_loses_nothing_of_a_file():
    seen = perform(Store(0, 0, 4), Load(0, 0, 4), Collapse(0), Load(0, 0, 4), mappings=(SHARED,))
    assert seen.returned == [4, 4, 0, 4]
    assert seen.cells[1] == seen.cells[3]
