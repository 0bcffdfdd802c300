"""What is made of programs is programs, and no larger than asked for."""

from hypothesis import given, settings
from hypothesis import strategies as st

from fuzzcopy.kernel import Kernel
from fuzzcopy.runner import find_failure
from fuzzcopy.scenario import (
    CpuSpec,
    FileSpec,
    Punch,
    Read,
    Scenario,
    Segment,
    SpaceSpec,
    Switch,
    kind_of,
)
from fuzzcopy.scenario.codec import check
from fuzzcopy.sched import Sparse
from fuzzcopy.strategies import KINDS, alike, scenarios, variations
from fuzzcopy.strategies.focus import FOCUSES
from fuzzcopy.strategies.theme import TOUCHING


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_variation_is_a_valid_scenario_that_runs(data: st.DataObject) -> None:
    scenario: Scenario = data.draw(scenarios())
    varied: Scenario = data.draw(variations([scenario]))
    check(varied)
    assert len(varied.cpus) <= 3
    assert all(1 <= len(cpu.program) <= 3 for cpu in varied.cpus)
    assert find_failure(Kernel, varied, [Sparse({})]) is None


def test_every_kind_belongs_to_a_focus() -> None:
    focused = {kind for focus in FOCUSES.values() for kind in focus.kinds}
    assert {*KINDS} - focused == {"load", "store"}  # these belong to all


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_what_is_alike_is_a_valid_scenario_about_the_same(data: st.DataObject) -> None:
    model: Scenario = data.draw(scenarios())
    other: Scenario = data.draw(alike([model]))
    check(other)
    assert len(other.cpus) <= 3
    assert all(1 <= len(cpu.program) <= 3 for cpu in other.cpus)
    assert _kinds(other) <= _kinds(model) | {*TOUCHING}
    assert other.actors == model.actors
    assert find_failure(Kernel, other, [Sparse({})]) is None


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_what_is_alike_may_have_nothing_mapped_and_has_no_schedule(data: st.DataObject) -> None:
    read = Read(0, 0, (Segment(0, 0, 1),))
    bare = Scenario(
        cpus=(CpuSpec((read,)), CpuSpec((Punch(0, 0, 1),))),
        files=(FileSpec(16),),
        spaces=(SpaceSpec(()),),
        schedule=(Switch("cpu0", "begin", 1, "cpu1"),),
    )
    other: Scenario = data.draw(alike([bare]))
    assert not other.schedule
    for made in (other, data.draw(variations([bare]))):
        check(made)
        assert find_failure(Kernel, made, [Sparse({})]) is None


def _kinds(scenario: Scenario) -> set[str]:
    return {kind_of(op) for cpu in scenario.cpus for op in cpu.program}
