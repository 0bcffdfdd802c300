"""One run: the schedule is followed, the oracles judge, the outcome says what came of it."""

import pytest

from fuzzcopy import Kernel
from fuzzcopy.kernel import BufferedWrite
from fuzzcopy.oracles import ExposureOracle, LostWrite
from fuzzcopy.runner import run
from fuzzcopy.scenario import Switch
from fuzzcopy.sched import Crash, Livelock, StepLimit
from fuzzcopy.world import WorldWatcher

from .scenes import BEFORE_THE_COPY, WRITE, scene


class Order(WorldWatcher):
    def __init__(self):
        self.seen = []

    def operation_begun(self, cpu, number, operation):
        self.seen.append(f"{cpu} begins")

    def operation_ended(self, cpu, number, operation, result):
        self.seen.append(f"{cpu} returns {result}")


class Crashes(BufferedWrite):
    async def write(self, cpu, file, offset, buffer):
        raise KeyError("lost")


class Pretends(BufferedWrite):
    """Writes nothing and says that it has."""

    async def copy(self, cpu, page, start, buffer, position, length):
        for tell in self.scheduler.bus.copied_from_user:
            tell(cpu, page, start, buffer, position, [77] * length)
        return length


class Spins(BufferedWrite):
    def done(self):
        pass

    async def write(self, cpu, file, offset, buffer):
        while True:
            await file.size.get()
            self.done()


class SpinsButGetsOn(Spins):
    def done(self):
        self.scheduler.progress()


def writing(path):
    return type("Mine", (Kernel,), {"write_path": path})


def test_without_a_schedule_one_cpu_runs_after_the_other():
    order = Order()
    outcome = run(Kernel, scene(), watchers=[order])
    assert outcome.kind is None
    assert order.seen == ["cpu0 begins", "cpu0 returns 16", "cpu1 begins", "cpu1 returns 16"]


def test_the_schedule_is_followed():
    order = Order()
    outcome = run(Kernel, scene(schedule=(BEFORE_THE_COPY,)), watchers=[order])
    assert outcome.kind is None
    assert outcome.missed is None
    assert order.seen == ["cpu0 begins", "cpu1 begins", "cpu1 returns 16", "cpu0 returns 16"]
    assert outcome.preemptions == 1


def test_a_place_that_is_never_reached_is_told():
    nowhere = Switch("cpu0", "mem.write frame9", 1, run="cpu1")
    outcome = run(Kernel, scene(schedule=(BEFORE_THE_COPY, nowhere)))
    assert outcome.missed == nowhere


def test_a_choice_that_is_not_possible_is_missed_or_passed_over():
    nobody = Switch("cpu0", "mem.write frame0", 1, run="cpu7")
    scenario = scene(schedule=(nobody, BEFORE_THE_COPY))
    assert run(Kernel, scenario).missed == nobody
    assert run(Kernel, scenario, skip_missing=True).missed is None


def test_a_switch_where_the_cpu_had_to_stop_is_no_preemption():
    first = Switch("cpu0", "begin", 1, run="cpu1")
    assert run(Kernel, scene(schedule=(first,))).preemptions == 0


def test_an_outcome_names_the_kernel_and_counts_steps():
    outcome = run(Kernel, scene())
    assert outcome.kernel == "reference"
    assert outcome.steps == sum(
        row.what.split()[0] not in ("begins", "returns") for row in outcome.trace.rows if row.who
    )


def test_an_exception_in_a_path_is_a_crash_with_its_cause():
    outcome = run(writing(Crashes), scene())
    assert isinstance(outcome.verdict, Crash)
    assert isinstance(outcome.verdict.__cause__, KeyError)
    assert "cpu0: KeyError" in str(outcome.verdict)


def test_a_verdict_at_the_end_of_the_run_counts():
    outcome = run(writing(Pretends), scene((WRITE,)))
    assert isinstance(outcome.verdict, LostWrite)
    with pytest.raises(LostWrite):
        outcome.raise_verdict()


def test_only_the_oracles_asked_for_judge():
    outcome = run(writing(Pretends), scene((WRITE,)), oracles=[ExposureOracle])
    assert outcome.verdict is None
    outcome.raise_verdict()


def test_a_run_without_progress_is_a_livelock():
    outcome = run(writing(Spins), scene((WRITE,), max_steps=50))
    assert isinstance(outcome.verdict, Livelock)


def test_a_run_that_gets_on_for_ever_is_undecided_and_no_verdict():
    outcome = run(writing(SpinsButGetsOn), scene((WRITE,), max_steps=50))
    assert outcome.verdict is None
    assert isinstance(outcome.problem, StepLimit)
    with pytest.raises(StepLimit):
        outcome.raise_verdict()
