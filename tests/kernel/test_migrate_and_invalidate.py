"""Migration and invalidation do what they are for, not only no harm."""

from errno import EBUSY

from fuzzcopy import Kernel
from fuzzcopy.oracles import ALL
from fuzzcopy.runner import run
from fuzzcopy.scenario import (
    CpuSpec,
    FileSpec,
    Invalidate,
    Load,
    MappingSpec,
    Migrate,
    Operation,
    Scenario,
    SpaceSpec,
    Store,
)
from fuzzcopy.world import WorldWatcher


class Look(WorldWatcher):
    """What is returned, and in which frames the file's pages are after the last operation."""

    def __init__(self) -> None:
        self.returned: list[int] = []
        self.frames: dict[int, int] = {}

    def world_built(self, world):
        self.world = world

    def operation_ended(self, cpu, number, operation, result):
        self.returned.append(result)
        [file] = self.world.kernel.files
        self.frames = {index: page.frame.index for index, page in file.pages.items()}


def after(*program: Operation) -> Look:
    look = Look()
    scenario = Scenario(
        cpus=(CpuSpec(program),),
        files=(FileSpec(16, ("clean",)),),
        spaces=(SpaceSpec((MappingSpec(0, 1, 0, shared=True),)),),
    )
    run(Kernel, scenario, oracles=ALL, watchers=[look]).raise_verdict()
    return look


def test_a_page_that_is_mapped_moves():
    before, moved = after(Load(0, 0, 1)), after(Load(0, 0, 1), Migrate(0, 0))
    assert moved.returned == [1, 0]
    assert moved.frames.keys() == before.frames.keys()
    assert moved.frames != before.frames


def test_a_clean_page_is_dropped_and_a_dirty_one_stays():
    dropped = after(Load(0, 0, 1), Invalidate(0))
    assert (dropped.returned, dropped.frames) == ([1, 0], {})
    kept = after(Store(0, 0, 1), Invalidate(0))
    assert (kept.returned, len(kept.frames)) == ([1, -EBUSY], 1)
