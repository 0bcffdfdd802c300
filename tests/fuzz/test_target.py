"""A search spends its time on programs that run what the kernel swaps."""

from random import Random

import pytest

from fuzzcopy.fuzz import Corpus, Fuzzer, Search
from fuzzcopy.fuzz.search import MISSES
from fuzzcopy.fuzz.target import SAMPLE, Target
from fuzzcopy.kernel import BufferedWrite, Kernel, Mapping, Punch
from fuzzcopy.runner import find_failure
from fuzzcopy.scenario import (
    CpuSpec,
    FileSpec,
    Load,
    MappingSpec,
    Operation,
    Scenario,
    Segment,
    SpaceSpec,
    Store,
    Write,
)
from fuzzcopy.sched import Policy


class SameWrite(BufferedWrite):
    async def copy(self, cpu, page, start, buffer, position, length):
        return await super().copy(cpu, page, start, buffer, position, length)

    async def prepare(self, cpu, buffer, position, length):
        await super().prepare(cpu, buffer, position, length)


class SamePunch(Punch):
    async def punch(self, cpu, file, first, pages):
        return await super().punch(cpu, file, first, pages)


class SameMapping(Mapping):
    def unused(self):
        raise AssertionError


class Own(Kernel):
    write_path = SameWrite
    punch_path = SamePunch
    mapping_path = SameMapping


def _scenario(*programs: tuple[Operation, ...]) -> Scenario:
    return Scenario(
        cpus=tuple([CpuSpec(program) for program in programs]),
        files=(FileSpec(16, ("clean",)),),
        spaces=(SpaceSpec((MappingSpec(0, 1, 0, shared=True),)),),
    )


PLAIN = _scenario((Store(0, 0, 8),), (Load(0, 0, 8),))
WRITING = _scenario((Write(0, 0, (Segment(0, 0, 8),)),), (Load(0, 0, 8),))


def _schedules(kernel: type[Kernel], scenario: Scenario, corpus: Corpus | None) -> int:
    search = Search(kernel, corpus=corpus)
    search.example(scenario, 0)
    return search.campaign.schedules


def test_what_does_not_run_the_swapped_functions_is_soon_given_up() -> None:
    assert _schedules(Own, PLAIN, Corpus()) == 1 + MISSES < _schedules(Kernel, PLAIN, Corpus())
    assert _schedules(Own, WRITING, Corpus()) == _schedules(Kernel, WRITING, Corpus())


def test_so_it_is_without_a_corpus() -> None:
    assert _schedules(Own, PLAIN, None) == MISSES < _schedules(Kernel, PLAIN, None)
    assert _schedules(Own, WRITING, None) == _schedules(Kernel, WRITING, None)


def test_only_programs_that_run_them_are_claimed_and_kept() -> None:
    corpus = Corpus()
    search = Search(Own, corpus=corpus)
    search.example(PLAIN, 0)
    assert (search.campaign.examples, search.campaign.claim.programs, len(corpus)) == (1, 0, 0)
    search.example(WRITING, 0)
    assert (search.campaign.examples, search.campaign.claim.programs, len(corpus)) == (2, 1, 1)


def test_each_swapped_function_is_sampled_about_as_often() -> None:
    target = Target(Own)
    punch, write = Scenario(cpus=(CpuSpec((Load(0, 0, 1),)),)), WRITING
    for scenario, times in ((write, 50), (punch, 1)):
        for _ in range(times):
            target.begin()
            path = object.__new__(target.kernel.punch_path)
            if scenario is write:
                find_failure(target.kernel, write, [Policy()])
            else:
                path.punch(None, None, 0, 0).close()
            assert target.is_hit
            target.keep(scenario)
    some = [one for n in range(100) for one in target.sample(Random(n))]
    assert len(some) == 100 * SAMPLE
    # Two functions of the write, one of the punch.
    assert 0.25 < some.count(punch) / len(some) < 0.42
    assert target.never() == ["mapping.unused"]


def test_a_kernel_that_swaps_nothing_is_always_hit() -> None:
    target = Target(Kernel)
    target.begin()
    target.keep(PLAIN)
    assert target.kernel is Kernel
    assert target.is_hit
    assert target.sample(Random(0)) == []
    assert target.never() == []


class OnlyPunch(Kernel):
    punch_path = SamePunch


@pytest.mark.slow
def test_a_campaign_draws_more_of_what_runs_them() -> None:
    """Without being told which operation that takes."""
    aimed, not_aimed = [Fuzzer(kernel, seed=4).run(examples=150) for kernel in (OnlyPunch, Kernel)]
    assert aimed.outcome is not_aimed.outcome is None
    assert aimed.operations["punch"] > 3 * not_aimed.operations["punch"]
    assert 15 < aimed.claim.programs < aimed.examples == 150
    assert aimed.tried() == [
        f"{150 - aimed.claim.programs} of the programs entered nothing that OnlyPunch swaps",
        str(aimed.claim),
    ]
    assert not_aimed.tried() == [str(not_aimed.claim)]


def test_what_was_never_entered_is_said() -> None:
    campaign = Fuzzer(Own, seed=4).run(examples=30)
    assert "mapping.unused" in campaign.never_entered
    assert campaign.tried()[-1] == f"never entered: {', '.join(campaign.never_entered)}"
