"""A prediction becomes a deadlock, or it is said what was tried."""

import pytest
from hypothesis import settings

from fuzzcopy import Kernel, fuzz_test
from fuzzcopy.bugs import catalogue
from fuzzcopy.counted import sampled
from fuzzcopy.fuzz import Fuzzer, Predictions, fuzzer
from fuzzcopy.runner import run
from fuzzcopy.scenario import (
    CpuSpec,
    FileSpec,
    Fsync,
    Load,
    Madvise,
    MappingSpec,
    Mlock,
    Scenario,
    Segment,
    SpaceSpec,
    Write,
)
from fuzzcopy.sched import Deadlock
from fuzzcopy.strategies import scenarios

from .lock_order_kernels import OneJournal, OtherHang, TwoJournals


def scenario(*programs, present=True):
    """Two files, and anonymous memory in slot 1 to write from."""
    return Scenario(
        cpus=tuple(CpuSpec((operation,)) for operation in programs),
        files=(FileSpec(16), FileSpec(16)),
        spaces=(SpaceSpec((MappingSpec(0, 1, 0), MappingSpec(1, 2, present=present))),),
    )


TWO_WRITERS = scenario(Write(0, 0, (Segment(1, 0, 16),)), Write(1, 0, (Segment(1, 16, 16),)))


def predictions_of(kernel, *runs, schedules=2_000):
    predictions = Predictions(kernel, schedules=schedules)
    for one in runs:
        assert run(kernel, one, oracles=[predictions.watch]).verdict is None
    while predictions.try_new() is not None:
        pass
    return {p.inversion.key: p for p in predictions.done}


CONFIRMED = [
    ("sleeping-copy", ("mmap", "page"), [TWO_WRITERS]),
    ("sleeping-copy", ("mmap", "page"), [TWO_WRITERS, scenario(Mlock(0, 1))]),
    (
        "lock-across-user-copy",
        ("fs", "mmap"),
        [scenario(TWO_WRITERS.cpus[0].program[0], present=False), scenario(Load(0, 0, 1))],
    ),
    ("ipi-with-interrupts-off", ("ipi",), [scenario(Load(0, 0, 1), Madvise(1, 0, 1))]),
]


@pytest.mark.parametrize(("bug", "cycle", "runs"), CONFIRMED)
def test_a_bug_is_predicted_from_clean_runs_and_confirmed(bug, cycle, runs):
    kernel = catalogue()[bug]
    found = predictions_of(kernel, *runs)[cycle]
    assert found.outcome is not None
    assert found.outcome.kind == "deadlock"
    assert str(found) == f"confirmed in {sampled(found.schedules, found.programs)}"
    again = run(kernel, found.outcome.scenario)
    assert again.kind == "deadlock"
    assert again.trace.digest() == found.outcome.trace.digest()


def test_the_deadlock_in_which_every_class_is_waited_for_is_preferred():
    found = predictions_of(catalogue()["sleeping-copy"], TWO_WRITERS, scenario(Mlock(0, 1)))
    deadlock = found["mmap", "page"].outcome.verdict
    waited = sorted(wait.resource.split()[0] for wait in deadlock.waits)
    assert waited == ["mmap", "page"]


def on_dirty(operation):
    return Scenario(
        cpus=(CpuSpec((operation,)),),
        files=(FileSpec(16, ("dirty",)),),
        spaces=(SpaceSpec((MappingSpec(1, 1),)),),
    )


WRITES, SYNCS = on_dirty(Write(0, 0, (Segment(1, 0, 16),))), on_dirty(Fsync(0))


def test_a_false_alarm_of_classes_is_not_confirmed():
    [found] = predictions_of(TwoJournals, WRITES, SYNCS).values()
    assert found.inversion.key == ("journal", "page")
    assert found.outcome is None
    assert found.schedules > 100
    assert str(found).startswith("not confirmed in ")


def test_while_programs_are_drawn_a_false_alarm_takes_no_more_runs_than_they(monkeypatch):
    monkeypatch.setattr("fuzzcopy.fuzz.predictions.FIRST", 100)
    predictions = Predictions(TwoJournals)
    for one in (WRITES, SYNCS):
        run(TwoJournals, one, oracles=[predictions.watch])
    taken = []
    for share in (0, 299, 300, 300, None, None):
        assert predictions.try_new(share) is None
        taken.append(predictions.schedules)
    first, too_little, enough, used_up, at_length, at_the_end = taken
    assert first == too_little == 100
    assert enough == used_up == 300
    assert at_length == at_the_end > 500
    assert predictions.done[0].schedules == at_length - enough


def test_with_one_lock_in_both_places_the_same_alarm_is_none_too_many():
    [found] = predictions_of(OneJournal, WRITES, SYNCS).values()
    assert found.inversion.key == ("journal", "page")
    assert found.outcome is not None


def test_a_deadlock_of_other_locks_confirms_nothing_and_is_told_as_what_it_is():
    found = predictions_of(OtherHang, WRITES, SYNCS)
    false_alarm, real = found["journal", "page"], found["blocks", "index"]
    assert false_alarm.outcome is None
    assert false_alarm.failure is false_alarm.other
    assert false_alarm.other.kind == "deadlock"
    assert {wait.resource.split()[0] for wait in false_alarm.other.verdict.waits} == {
        "blocks",
        "index",
    }
    assert real.outcome is not None
    assert real.other is None


@pytest.mark.slow
def test_a_campaign_reports_the_false_alarm_with_its_places_and_goes_on():
    plain = scenarios(kinds=("write", "fsync"))
    campaign = Fuzzer(TwoJournals, seed=1, strategy=plain).run(examples=60)
    assert campaign.outcome is None
    assert campaign.examples == 60
    assert campaign.predictions
    for prediction in campaign.predictions:
        # Whatever a write holds when it must reclaim is held over the lower lock, too.
        assert "journal" in prediction.inversion.kinds
        chains = "\n".join(prediction.inversion.chains())
        assert "lock_order_kernels.py" in chains
        assert chains.count("(at ") == 4


def test_a_campaign_of_programs_that_never_hang_finds_the_deadlock(monkeypatch):
    monkeypatch.setattr(fuzzer, "reduce", lambda kernel, outcome, **_: outcome)
    monkeypatch.setattr(fuzzer, "_SMALLER", ())
    one_cpu = scenarios(cpus=1, kinds=("write", "fsync"), hazards=False)
    campaign = Fuzzer(OneJournal, seed=1, strategy=one_cpu).run(examples=60)
    assert campaign.outcome is not None
    assert campaign.outcome.kind == "deadlock"
    assert campaign.predictions[-1].outcome is campaign.outcome
    assert campaign.first_schedules == campaign.schedules


@pytest.mark.usefixtures("forget_kernels")
def test_another_deadlock_met_in_trying_a_prediction_is_a_find_too(monkeypatch):
    monkeypatch.setattr(fuzzer, "reduce", lambda kernel, outcome, **_: outcome)
    monkeypatch.setattr(fuzzer, "_SMALLER", ())
    one_cpu = scenarios(cpus=1, kinds=("write", "fsync"), hazards=False)
    campaign = Fuzzer(OtherHang, seed=1, strategy=one_cpu).run(examples=60)
    last = campaign.predictions[-1]
    assert last.outcome is None
    assert last.other is not None
    assert campaign.outcome is not None
    assert str(campaign.outcome.verdict) == str(last.other.verdict)
    same = settings(max_examples=60, derandomize=True, database=None)
    test = fuzz_test(OtherHang, strategy=one_cpu, settings=same, save_to=None)
    with pytest.raises(Deadlock, match="waits for blocks lock blocks"):
        test()


@pytest.mark.slow
def test_the_reference_kernel_has_nothing_to_predict():
    campaign = Fuzzer(Kernel, seed=5).run(examples=60)
    assert list(campaign.predictions) == []
