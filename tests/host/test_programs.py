"""The programs that are drawn for a real kernel, and those that are mixed of them."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fuzzcopy.host.executor import cannot_perform
from fuzzcopy.host.programs import concurrent, mixed, programs
from fuzzcopy.host.scale import can_be_scaled
from fuzzcopy.host.target import expectation
from fuzzcopy.scenario import decode, encode

few = settings(max_examples=25, suppress_health_check=list(HealthCheck), deadline=None)


@given(st.lists(programs(), max_size=4))
@few
def test_what_is_mixed_of_programs_is_a_program(drawn):
    drawn = [scenario for scenario in drawn if can_be_scaled(scenario)]
    for scenario in mixed(drawn):
        assert decode(encode(scenario)) == scenario  # which checks it
        assert cannot_perform(scenario) is None
        assert can_be_scaled(scenario)
        _, expected = expectation(scenario)
        assert expected is not None
        assert len(expected.results[0]) == scenario.operations


@given(st.lists(concurrent(), max_size=4))
@few
def test_what_is_mixed_of_concurrent_programs_is_one(drawn):
    for scenario in mixed(drawn):
        assert decode(encode(scenario)) == scenario
        assert cannot_perform(scenario) is None


@given(programs(), programs())
@few
def test_a_program_comes_into_the_surroundings_of_another(one, other):
    made = list(mixed([one, other]))
    for scenario in made:
        assert scenario.files in (one.files, other.files)
    if one.files == other.files and one.spaces == other.spaces:
        assert one.cpus[0].program in [scenario.cpus[0].program for scenario in made]
