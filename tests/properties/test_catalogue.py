"""Every bug of the write path is found by the general search, shrunk, and replays for ever."""

from contextlib import suppress

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from fuzzcopy import Outcome, Scenario
from fuzzcopy.bugs import Bug, catalogue
from fuzzcopy.fuzz import Fuzzer, Search
from fuzzcopy.runner import run
from fuzzcopy.sched import Verdict
from fuzzcopy.strategies import scenarios

WRITE_PATH = (
    "sleeping-copy",
    "prefault-first-page",
    "prefault-then-sleep",
    "uptodate-too-early",
    "short-copy-committed",
    "no-recheck-after-relock",
    "zero-length-segment",
)


def _first_failure(bug: type[Bug], *, examples: int) -> Outcome | None:
    """What the search finds, before anything is shrunk."""
    search = Search(bug)

    @seed(1)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(scenarios(), st.integers(0, (1 << 32) - 1))
    def look(scenario: Scenario, schedules: int) -> None:
        search.example(scenario, schedules)

    with suppress(Verdict):
        look()
    return search.best


@pytest.mark.parametrize("name", WRITE_PATH)
def test_the_search_finds_it_from_nothing_and_it_replays_for_ever(name: str) -> None:
    bug = catalogue()[name]
    found = _first_failure(bug, examples=10_000)
    assert found is not None
    assert found.kind in bug.verdicts
    assert found.trace is not None
    for _ in range(100):
        again = run(bug, found.scenario)
        assert again.trace is not None
        assert (again.kind, again.trace.digest()) == (found.kind, found.trace.digest())


@pytest.mark.slow
@pytest.mark.skipif(
    settings.get_current_profile_name() != "deep", reason="for --hypothesis-profile=deep"
)
@pytest.mark.parametrize("name", WRITE_PATH)
def test_it_is_shrunk_to_its_smallest(name: str) -> None:
    bug = catalogue()[name]
    outcome = Fuzzer(bug, seed=1).run(examples=30_000).outcome
    assert outcome is not None
    size = len(outcome.scenario.cpus), outcome.scenario.operations, outcome.preemptions
    assert size <= bug.smallest
