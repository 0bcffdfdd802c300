"""Many schedules of one program; what is found is written down and comes back."""

import gc

import pytest
from msgspec.structs import replace

from fuzzcopy import Kernel
from fuzzcopy.bugs import catalogue
from fuzzcopy.kernel import BufferedRead, BufferedWrite, Page
from fuzzcopy.runner import Tally, find_failure, policies_for, record, run
from fuzzcopy.scenario import FileSpec, Fsync, Reclaim, Segment, Truncate, Write
from fuzzcopy.sched import Nondeterminism, RandomWalk, Scheduler, Sparse, Task
from fuzzcopy.world import World

from .scenes import READ, WRITE, scene

UNALIGNED = Write(0, 0, (Segment(0, 4, 12), Segment(1, 0, 4)))


class SpinsButGetsOn(BufferedWrite):
    async def write(self, cpu, file, offset, buffer):
        while True:
            await file.size.get()
            self.scheduler.progress()


class ReadsTwiceAsOften(BufferedRead):
    """Takes one step more every time: what it does depends on earlier runs."""

    runs = 0

    async def read(self, cpu, file, offset, buffer):
        type(self).runs += 1
        for _ in range(self.runs):
            await file.size.get()
        return await super().read(cpu, file, offset, buffer)


class Crashes(Kernel):
    def space_of(self, cpu):
        raise RuntimeError


class Undecided(Kernel):
    write_path = SpinsButGetsOn


class Forgetful(Kernel):
    read_path = ReadsTwiceAsOften


def test_a_correct_kernel_has_no_failure_and_every_schedule_is_counted():
    tally = Tally()
    scenario = scene((WRITE, READ), (UNALIGNED, Reclaim(0, 0)))
    policies = [RandomWalk(seed) for seed in range(50)]
    assert find_failure(Kernel, scenario, policies, tally=tally) is None
    assert tally.schedules == 50
    assert tally.steps > 50 * 50
    assert tally.contested > 0
    assert tally.undecided == 0


def test_a_run_s_world_goes_away_with_it():
    """Nothing is left to the collector, which would have to look at all objects to find it."""
    programs = (UNALIGNED, Fsync(0)), (READ, Truncate(0, 4)), (UNALIGNED,)
    cold = replace(scene(*programs), files=(FileSpec(16),))

    def alive():
        return sum(type(each) in (Page, Scheduler, Task, World) for each in gc.get_objects())

    gc.collect()
    gc.disable()
    try:
        before = alive()
        assert find_failure(Kernel, cold, map(RandomWalk, range(100))) is None
        assert alive() == before
    finally:
        gc.enable()


def test_a_search_ends_with_its_first_failure():
    tally = Tally()
    scenario = scene((WRITE,))
    found = find_failure(Crashes, scenario, [Sparse({}), Sparse({})], tally=tally)
    assert found is not None
    assert tally.schedules == 1


def test_an_undecided_run_is_counted_and_no_failure():
    tally = Tally()
    scenario = scene((WRITE,), max_steps=20)
    assert find_failure(Undecided, scenario, [Sparse({}), Sparse({})], tally=tally) is None
    assert (tally.schedules, tally.undecided) == (2, 2)


def test_a_program_without_a_choice_has_one_schedule():
    tally = Tally()
    find_failure(Kernel, scene((READ,)), policies_for(0, 10, tally), tally=tally)
    assert tally.schedules == 1


@pytest.mark.parametrize("seed", range(10))
def test_what_was_recorded_under_any_policy_replays_to_the_same_trace(seed):
    scenario = scene((WRITE, READ), (UNALIGNED, Reclaim(0, 0)), (READ,))
    first = record(Kernel, scenario, RandomWalk(seed))
    assert first.problem is None
    again = run(Kernel, first.scenario)
    assert again.missed is None
    assert again.trace.digest() == first.trace.digest()


def test_other_schedules_have_other_traces():
    scenario = scene((WRITE, READ), (UNALIGNED, Reclaim(0, 0)), (READ,))
    digests = {record(Kernel, scenario, RandomWalk(seed)).trace.digest() for seed in range(5)}
    assert len(digests) == 5


def test_a_failure_is_found_again_by_its_explicit_schedule():
    bug = catalogue()["uptodate-too-early"]
    scenario = scene((WRITE,), (READ,))
    absent = replace(scenario, files=(FileSpec(16),))
    tally = Tally()
    found = find_failure(bug, absent, policies_for(1, 2_000, tally), tally=tally)
    assert found is not None
    outcome = record(bug, absent, found.policy)
    assert str(outcome.verdict) == str(found.failure)
    assert str(run(bug, outcome.scenario).verdict) == str(found.failure)


def test_a_kernel_that_remembers_earlier_runs_is_called_nondeterministic():
    outcome = record(Forgetful, scene(), RandomWalk(3))
    assert isinstance(outcome.problem, Nondeterminism)
    assert outcome.verdict is None
