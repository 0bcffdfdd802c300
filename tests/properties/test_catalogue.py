"""Every bug of the write path is found by the general search, shrunk, and replays for ever."""

from functools import cache

import pytest
from hypothesis import settings

from fuzzcopy import Outcome
from fuzzcopy.bugs import catalogue
from fuzzcopy.fuzz import Fuzzer
from fuzzcopy.runner import run

pytestmark = pytest.mark.slow

WRITE_PATH = (
    "sleeping-copy",
    "prefault-first-page",
    "prefault-then-sleep",
    "uptodate-too-early",
    "short-copy-committed",
    "no-recheck-after-relock",
    "zero-length-segment",
)


@cache
def _found(name: str) -> Outcome:
    """What a campaign from nothing finds: up to ten times the programs that the slowest takes."""
    outcome = Fuzzer(catalogue()[name], seed=1).run(examples=30_000).outcome
    assert outcome is not None
    return outcome


@pytest.mark.parametrize("name", WRITE_PATH)
def test_the_search_finds_it_from_nothing_and_it_replays_for_ever(name: str) -> None:
    bug = catalogue()[name]
    found = _found(name)
    assert found.kind in bug.verdicts
    assert found.trace is not None
    for _ in range(100):
        again = run(bug, found.scenario)
        assert again.trace is not None
        assert (again.kind, again.trace.digest()) == (found.kind, found.trace.digest())


@pytest.mark.skipif(
    settings.get_current_profile_name() != "deep", reason="for --hypothesis-profile=deep"
)
@pytest.mark.parametrize("name", WRITE_PATH)
def test_it_is_shrunk_to_its_smallest(name: str) -> None:
    outcome = _found(name)
    cpus, operations, preemptions = catalogue()[name].smallest
    assert len(outcome.scenario.cpus) <= cpus
    # The same mistake may show as another verdict, which takes a sync more and a preemption less.
    assert outcome.scenario.operations + outcome.preemptions <= operations + preemptions
