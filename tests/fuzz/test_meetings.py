"""Which accesses of different CPUs met, and what a campaign makes of it."""

import pytest

from fuzzcopy.fuzz import Fuzzer
from fuzzcopy.fuzz.meetings import RARE, Meetings, Novelty
from fuzzcopy.kernel import Kernel
from fuzzcopy.runner import find_failure
from fuzzcopy.scenario import CpuSpec, FileSpec, Load, MappingSpec, Scenario, SpaceSpec, Store
from fuzzcopy.sched import Sparse


def _meetings(*programs: tuple[Load | Store, ...]) -> Meetings:
    meetings = Meetings()
    scenario = Scenario(
        cpus=tuple([CpuSpec(program) for program in programs]),
        files=(FileSpec(16, ("clean",)),),
        spaces=(SpaceSpec((MappingSpec(0, 1, 0, shared=True),)),),
    )
    assert find_failure(Kernel, scenario, [Sparse({})], oracles=[lambda: meetings]) is None
    return meetings


def test_a_load_after_a_store_to_the_same_memory_is_a_meeting() -> None:
    seen = _meetings((Store(0, 0, 8),), (Load(0, 0, 8),)).seen
    kinds = {(first[0], second[0]) for first, second in seen}
    assert kinds == {("store", "load")}


def test_one_cpu_meets_nobody_and_loads_alone_leave_memory_alone() -> None:
    assert not _meetings((Store(0, 0, 8), Load(0, 0, 8))).seen
    loads = _meetings((Load(0, 0, 8),), (Load(0, 0, 8),)).seen
    assert not [pair for pair in loads if pair[0][1] == "memory.write"]


def test_what_was_shown_often_is_new_no_more() -> None:
    novelty = Novelty()
    meetings = _meetings((Store(0, 0, 8),), (Load(0, 0, 8),))
    for _ in range(RARE):
        assert novelty.note(meetings) == len(meetings.seen) > 0
    assert novelty.note(meetings) == 0


@pytest.mark.slow
def test_the_same_seed_keeps_and_varies_the_same() -> None:
    one, other = [Fuzzer(Kernel, seed=5).run(examples=40) for _ in range(2)]
    assert one.steps == other.steps
    assert one.operations == other.operations
    assert one.claim.programs == 40
