"""Whatever is valid can be replayed: the worst that can come of a file is a verdict."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuzzcopy import Kernel, Scenario
from fuzzcopy.runner import Tally, find_failure, policies_for, record, run
from fuzzcopy.scenario import decode, encode
from fuzzcopy.sched import RandomWalk

from .few import few
from .whole_format import valid_scenarios

pytestmark = pytest.mark.slow

PLENTY = 200


@few
@given(valid_scenarios(spare_frames=PLENTY), st.integers(0, 1 << 30))
def test_the_correct_kernel_is_correct_in_every_valid_scenario(
    scenario: Scenario, seed: int
) -> None:
    tally = Tally()
    found = find_failure(Kernel, scenario, policies_for(seed, 8, tally), tally=tally)
    assert found is None, found
    assert tally.undecided == 0


@few
@given(st.integers(0, 3).flatmap(lambda n: valid_scenarios(spare_frames=n)))
def test_too_little_memory_is_an_error_of_calls_and_not_of_fuzzcopy(scenario: Scenario) -> None:
    outcome = run(Kernel, scenario)
    assert outcome.kind is None
    assert outcome.problem is None


@few
@given(valid_scenarios(spare_frames=PLENTY), st.integers(0, 1 << 30))
def test_what_is_recorded_and_read_from_a_file_replays_to_the_same_trace(
    scenario: Scenario, seed: int
) -> None:
    assert decode(encode(scenario)) == scenario
    outcome = record(Kernel, scenario, RandomWalk(seed))
    assert outcome.problem is None
    assert outcome.missed is None
