"""The designs: found by name, and every one does alone what a file system made of arrays does."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fuzzcopy import Kernel
from fuzzcopy.designs import Design, designs
from fuzzcopy.oracles import ALL
from fuzzcopy.regression import find_kernel
from fuzzcopy.runner import find_failure
from fuzzcopy.scenario import Read, Scenario, Write
from fuzzcopy.sched import Sparse
from fuzzcopy.strategies import KINDS, scenarios
from tests.kernel.follow import Follow, predictable


def copies_onto_itself(scenario: Scenario) -> bool:
    """Whether a buffer shows the file it is for: which byte is copied first then makes the result.

    That is the design's own affair, so the model says nothing about it.
    """
    mappings = {m.slot: m.file for m in scenario.spaces[0].mappings}
    return any(
        mappings.get(segment.slot) == op.file
        for op in scenario.cpus[0].program
        if isinstance(op, Write | Read)
        for segment in op.buffer
    )


ALONE = (
    scenarios(cpus=1, operations=9, kinds=[k for k in KINDS if k not in ("mmap", "mremap")])
    .map(predictable)
    .filter(lambda s: not copies_onto_itself(s))
)


@pytest.mark.parametrize("name", list(designs()))
def test_a_design_is_found_by_its_name_and_tells_its_idea(name: str) -> None:
    design = designs()[name]
    assert find_kernel(name) is design
    assert design.name == name
    assert design.summary().endswith(".")
    assert design.used_by
    assert "class " in design.swapped_source()


@pytest.mark.parametrize("design", list(designs().values()), ids=list(designs()))
def test_it_swaps_something(design: type[Design]) -> None:
    paths = [name for name in vars(Kernel) if name.endswith("_path")]
    assert any(getattr(design, path) is not getattr(Kernel, path) for path in paths)


@pytest.mark.slow
@pytest.mark.parametrize("design", list(designs().values()), ids=list(designs()))
def test_a_program_alone_sees_what_the_model_says(design: type[Design]) -> None:
    @settings(max_examples=60)
    @given(scenario=ALONE, seed=st.integers(0, 3))
    def each(scenario: Scenario, seed: int) -> None:
        found = find_failure(design, scenario, [Sparse({})], oracles=(*ALL, Follow))
        assert found is None, found.failure

    each()
