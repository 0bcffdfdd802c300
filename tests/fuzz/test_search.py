"""How a campaign divides its time."""

from collections.abc import Sequence

import pytest
from hypothesis import strategies as st

from fuzzcopy.fuzz import Fuzzer
from fuzzcopy.fuzz.corpus import Corpus
from fuzzcopy.fuzz.search import LEAST, MOST, Search
from fuzzcopy.kernel import Kernel
from fuzzcopy.scenario import (
    CpuSpec,
    FileSpec,
    Load,
    MappingSpec,
    Operation,
    Scenario,
    SpaceSpec,
    Store,
)
from fuzzcopy.sched import Nondeterminism
from fuzzcopy.strategies import variations


def _tries(*programs: tuple[Operation, ...]) -> int:
    scenario = Scenario(
        cpus=tuple([CpuSpec(program) for program in programs]),
        files=(FileSpec(16, ("clean",)),),
        spaces=(SpaceSpec((MappingSpec(0, 1, 0, shared=True),)),),
    )
    search = Search(Kernel, corpus=Corpus())
    search.example(scenario, 0)
    return search.campaign.schedules - 1  # beside the first one, which is looked at closely


def test_a_short_program_is_tried_under_more_schedules_than_a_long_one() -> None:
    short = _tries((Store(0, 0, 8),), (Load(0, 0, 8),))
    long = _tries(*[(Store(0, 0, 8), Load(0, 0, 8)) * 60] * 3)
    assert LEAST == long < short <= MOST


def test_one_round_in_three_varies_what_was_kept() -> None:
    asked = []

    def vary(kept: Sequence[Scenario]) -> st.SearchStrategy[Scenario]:
        asked.append(len(kept))
        return variations(kept)

    Fuzzer(Kernel, seed=5, vary=vary).run(examples=12 + 5 * 11)  # a first round, and five more
    assert len(asked) == 2
    assert all(asked)


def test_a_problem_ends_the_campaign_even_if_it_does_not_come_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    problem = Nondeterminism("now and then")
    example = Search.example

    def sometimes(search: Search, scenario: Scenario, schedules: int) -> None:
        example(search, scenario, schedules)
        if search.campaign.examples == 7:
            raise problem

    monkeypatch.setattr(Search, "example", sometimes)
    campaign = Fuzzer(Kernel, seed=1).run(examples=100)
    assert campaign.problem is problem
    assert campaign.outcome is None
    assert campaign.examples == 7
