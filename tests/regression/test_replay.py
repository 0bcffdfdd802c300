"""What a replay can come to, on the same code and on code that has changed."""

from collections.abc import Sequence

import pytest
import trio
from msgspec.structs import replace as but

from fuzzcopy import Kernel, run
from fuzzcopy.bugs import catalogue
from fuzzcopy.counted import counted
from fuzzcopy.kernel import BufferedWrite, File, Page, Reclaim, UserBuffer
from fuzzcopy.machine import Cpu
from fuzzcopy.regression import Regression, replay
from fuzzcopy.regression.replay import SEARCH
from fuzzcopy.scenario import Switch


class CrashingWrite(BufferedWrite):
    """Has a mistake of the everyday kind."""

    async def begin(self, file: File, at: int, length: int) -> Page | int:
        raise KeyError("no such page")


class CrashingKernel(Kernel):
    """Fails in another way than the catalogue's kernels."""

    write_path = CrashingWrite


class EndlessWrite(BufferedWrite):
    """Is always getting somewhere and never arrives."""

    async def prepare(self, cpu: Cpu, buffer: UserBuffer, position: int, length: int) -> None:
        while True:
            self.scheduler.progress()
            await self.scheduler.point("write.again")


class EndlessKernel(Kernel):
    """All its runs end at the step limit."""

    write_path = EndlessWrite


class ForeignReclaim(Reclaim):
    """Waits for something that nobody controls, when it could free a page."""

    async def reclaim(self, cpu: Cpu, file: File, index: int) -> int:
        freed = await super().reclaim(cpu, file, index)
        if freed == 1:
            await trio.sleep(0)
        return freed


class ForeignKernel(Kernel):
    """Judged only under the schedules in which no page is freed."""

    reclaim_path = ForeignReclaim


class LaterWrite(BufferedWrite):
    """Passes a new place before the copy, as a changed kernel does."""

    async def prepare(self, cpu: Cpu, buffer: UserBuffer, position: int, length: int) -> None:
        await self.scheduler.point("write.new")
        await super().prepare(cpu, buffer, position, length)


class LaterKernel(Kernel):
    """Correct, and not the code that was recorded."""

    write_path = LaterWrite


def _on(name: str) -> type[Kernel]:
    return catalogue()[name]


def _elsewhere(regression: Regression, **changes: object) -> Regression:
    """The regression with the first switch of its schedule at a place that nobody comes by."""
    [first, *rest] = regression.scenario.schedule
    return _under(regression, [but(first, **changes), *rest])


def _under(regression: Regression, schedule: Sequence[Switch]) -> Regression:
    return but(regression, scenario=but(regression.scenario, schedule=tuple(schedule)))


def test_the_same_code_reproduces_the_failure_step_by_step(reclaimed: Regression) -> None:
    result = replay(_on(reclaimed.kernel), reclaimed)
    assert (result.word, result.same_trace, result.searched) == ("reproduced", True, 0)
    assert str(result) == "reproduced (deadlock)"


def test_a_failure_replays_a_hundred_times_out_of_a_hundred(reclaimed: Regression) -> None:
    results = [replay(_on(reclaimed.kernel), reclaimed) for _ in range(100)]
    assert all(result.word == "reproduced" and result.same_trace for result in results)


def test_code_without_the_mistake_passes(self_deadlock: Regression) -> None:
    result = replay(Kernel, self_deadlock)
    assert (result.word, result.searched) == ("passes", 0)


def test_a_bug_of_the_catalogue_is_expected_to_fail(self_deadlock: Regression) -> None:
    assert self_deadlock.expect == "fails"
    assert replay(_on("sleeping-copy"), self_deadlock).expected
    assert not replay(Kernel, self_deadlock).expected


def test_a_failure_of_one_s_own_is_expected_to_pass(self_deadlock: Regression) -> None:
    own = but(self_deadlock, expect="passes")
    assert not replay(_on("sleeping-copy"), own).expected
    assert replay(Kernel, own).expected


@pytest.mark.parametrize("expect", ["fails", "passes"])
def test_another_failure_is_different_and_never_expected(
    self_deadlock: Regression, expect: str
) -> None:
    result = replay(CrashingKernel, but(self_deadlock, expect=expect))
    assert str(result) == "different: crash"
    assert not result.expected


@pytest.mark.parametrize("expect", ["fails", "passes"])
def test_a_run_without_an_end_is_undecided_and_never_expected(
    self_deadlock: Regression, expect: str
) -> None:
    result = replay(EndlessKernel, but(self_deadlock, expect=expect))
    assert result.word == "undecided"
    assert not result.expected


def test_a_schedule_that_is_not_followed_to_its_end_never_just_passes(
    reclaimed: Regression,
) -> None:
    diverged = _elsewhere(reclaimed, at="page.lock of long ago")
    result = replay(Kernel, but(diverged, expect="passes"))
    assert result.word == "passes"
    assert result.searched == SEARCH
    assert str(result) == f"passes after search of {SEARCH:,} schedules"


@pytest.mark.parametrize(
    "change",
    [{"at": "page.lock of long ago"}, {"nth": 900}, {"cpu": "cpu7"}, {"run": "cpu7"}],
    ids=["place", "count", "who", "what runs"],
)
def test_a_failure_that_has_moved_is_found_again(
    reclaimed: Regression, change: dict[str, object]
) -> None:
    result = replay(_on(reclaimed.kernel), _elsewhere(reclaimed, **change))
    assert result.word == "reproduced"
    assert result.searched > 0
    assert not result.same_trace
    assert result.outcome.scenario.schedule, "where it is now can be recorded again"


@pytest.mark.slow
def test_the_search_looks_for_the_recorded_verdict_first(reclaimed: Regression) -> None:
    result = replay(CrashingKernel, _elsewhere(reclaimed, at="page.lock of long ago"))
    assert str(result) == f"different: crash after search of {counted(result.searched, 'schedule')}"


def test_a_search_that_decides_nothing_says_so(reclaimed: Regression) -> None:
    diverged = _elsewhere(reclaimed, at="page.lock of long ago")
    result = replay(EndlessKernel, but(diverged, expect="passes"), search=20)
    assert result.word == "undecided"
    assert not result.expected


def test_a_search_that_had_to_stop_says_why(reclaimed: Regression) -> None:
    diverged = but(_elsewhere(reclaimed, at="page.lock of long ago"), expect="passes")
    assert run(ForeignKernel, diverged.scenario).kind is None
    result = replay(ForeignKernel, diverged)
    assert result.word == "undecided"
    assert "test_replay.py" in str(result), "it names the line that awaits"
    assert not result.expected


def test_changed_code_is_followed_by_labels_not_by_step_numbers(reclaimed: Regression) -> None:
    moved = [but(switch, step=switch.step + 1_000) for switch in reclaimed.scenario.schedule]
    result = replay(_on(reclaimed.kernel), _under(reclaimed, moved))
    assert (result.word, result.searched) == ("reproduced", 0)


def test_changed_code_that_still_passes_every_place_needs_no_search(
    self_deadlock: Regression,
) -> None:
    result = replay(LaterKernel, self_deadlock)
    assert (result.word, result.searched, result.same_trace) == ("passes", 0, False)
