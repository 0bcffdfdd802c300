"""``fuzz_test``: one line makes a test out of a kernel."""

import gc
import shlex
import signal
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import settings

from fuzzcopy import Kernel, Scenario, fuzz_test
from fuzzcopy.bugs import catalogue
from fuzzcopy.cli import main
from fuzzcopy.kernel import BufferedWrite, Page, UserBuffer
from fuzzcopy.machine import Cpu
from fuzzcopy.regression import load
from fuzzcopy.sched import Deadlock, StepLimit
from fuzzcopy.strategies import scenarios

FEW = settings(max_examples=30, database=None)


class SleepingWrite(BufferedWrite):
    """Copies with the page locked and page faults handled."""

    async def copy(
        self, cpu: Cpu, page: Page, start: int, buffer: UserBuffer, position: int, length: int
    ) -> int:
        return await self.kernel.copy.from_user(cpu, page, start, buffer, position, length)


class SleepingKernel(Kernel):
    """A kernel of one's own, broken."""

    write_path = SleepingWrite


class EndlessWrite(BufferedWrite):
    """Is always getting somewhere and never arrives."""

    async def prepare(self, cpu: Cpu, buffer: UserBuffer, position: int, length: int) -> None:
        while True:
            self.scheduler.progress()
            await self.scheduler.point("write.again")


class EndlessKernel(Kernel):
    """A kernel that no run can judge, as long as it only writes."""

    write_path = EndlessWrite


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, forget_kernels: None) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def three_examples() -> Iterator[None]:
    before = settings.get_current_profile_name()
    settings.register_profile("three examples", max_examples=3, database=None)
    settings.load_profile("three examples")
    yield
    settings.load_profile(before)


def test_a_correct_kernel_passes_and_leaves_nothing_behind(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fuzz_test(Kernel, settings=FEW)()
    assert list(tmp_path.iterdir()) == []
    said = capsys.readouterr().out
    assert "nothing found on reference: sampled" in said
    assert "would have been missed with probability at most" in said


def test_the_test_is_called_by_the_kernel() -> None:
    assert fuzz_test(SleepingKernel).__name__ == "test_SleepingKernel"


def test_a_broken_kernel_raises_its_verdict_with_the_timeline() -> None:
    with pytest.raises(Deadlock, match="which it holds itself") as caught:
        fuzz_test(SleepingKernel, settings=FEW)()
    [note] = caught.value.__notes__
    headline = "deadlock on SleepingKernel: 1 CPU, 1 operation, 0 preemptions"
    assert note.count(headline) == 1
    assert "+-> cpu0 waits for " in note
    assert caught.value.__context__ is None, "the search is not what the reader wants to see"


def test_the_failure_is_saved_and_expected_to_be_mended(tmp_path: Path) -> None:
    with pytest.raises(Deadlock) as caught:
        fuzz_test(SleepingKernel, settings=FEW)()
    [path] = (tmp_path / "regressions").iterdir()
    assert f"saved: regressions/{path.name}" in caught.value.__notes__[0]
    regression = load(path)
    assert (regression.kernel, regression.expect) == ("SleepingKernel", "passes")
    assert regression.minimal is True


@pytest.mark.usefixtures("ctrl_c_works")
@pytest.mark.parametrize("copies", [5, 20], ids=["by Hypothesis", "by the reducer"])
def test_a_failure_that_is_being_shrunk_is_saved_before_ctrl_c_goes_on(
    tmp_path: Path, copies: int
) -> None:
    with pytest.raises(KeyboardInterrupt) as caught:
        fuzz_test(_struck_at(copies), settings=FEW)()
    [path] = (tmp_path / "regressions").iterdir()
    assert load(path).verdict == "deadlock"
    [line] = str(caught.value).splitlines()
    assert line.startswith("found, not shrunk to the end: deadlock on Struck: 1 CPU, ")
    assert f"; saved: regressions/{path.name}; replay: fuzzcopy replay regressions/" in line


@pytest.mark.usefixtures("ctrl_c_works")
def test_ctrl_c_before_anything_was_found_is_itself(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt, match=r"^$"):
        fuzz_test(_struck_at(0), settings=FEW)()
    assert list(tmp_path.iterdir()) == []


def _strike(phase: str, _info: object) -> None:
    gc.callbacks.remove(_strike)
    signal.raise_signal(signal.SIGINT)


@pytest.mark.usefixtures("ctrl_c_works")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_ctrl_c_that_the_garbage_collector_swallows_is_not_lost() -> None:
    drawn = count()

    def strike(scenario: Scenario) -> Scenario:
        if next(drawn) == 5:
            gc.callbacks.append(_strike)
            gc.collect()
        return scenario

    with pytest.raises(KeyboardInterrupt):
        fuzz_test(Kernel, strategy=scenarios().map(strike), settings=FEW)()


def _struck_at(copy: int) -> type[Kernel]:
    """Deadlocks; in its copy of this number somebody presses Ctrl-C."""
    copies = count()

    class StruckWrite(BufferedWrite):
        async def copy(
            self, cpu: Cpu, page: Page, start: int, buffer: UserBuffer, position: int, length: int
        ) -> int:
            if next(copies) == copy:
                signal.raise_signal(signal.SIGINT)
            return await self.kernel.copy.from_user(cpu, page, start, buffer, position, length)

    class Struck(Kernel):
        write_path = StruckWrite

    return Struck


def test_the_last_line_replays_the_failure(own: object) -> None:
    Path("mine.py").write_text(
        "from fuzzcopy import Kernel\nfrom fuzzcopy.bugs import catalogue\n"
        "class Mine(Kernel):\n    write_path = catalogue()['sleeping-copy'].write_path\n"
    )
    from fuzzcopy.regression import find_kernel

    with pytest.raises(Deadlock) as caught:
        fuzz_test(find_kernel("mine:Mine"), settings=FEW)()
    prompt, _, command = caught.value.__notes__[0].splitlines()[-1].partition(" ")
    assert prompt == "replay:"
    result = CliRunner().invoke(main, shlex.split(command)[1:])
    assert result.exit_code == 1
    assert "reproduced (deadlock) on Mine" in result.stdout


def test_a_bug_of_the_catalogue_is_replayed_by_its_name() -> None:
    with pytest.raises(Deadlock) as caught:
        fuzz_test(catalogue()["sleeping-copy"], settings=FEW)()
    assert "--kernel" not in caught.value.__notes__[0]


def test_nothing_is_saved_if_nothing_shall_be(tmp_path: Path) -> None:
    with pytest.raises(Deadlock):
        fuzz_test(SleepingKernel, settings=FEW, save_to=None)()
    assert list(tmp_path.iterdir()) == []


def test_a_verdict_is_not_lost_because_it_cannot_be_saved(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Deadlock) as caught:
        fuzz_test(SleepingKernel, settings=FEW, save_to="file")()
    [note] = caught.value.__notes__
    assert "not saved: cannot save into file" in note
    assert "save_to=DIR" in note
    assert "--no-save" not in note, "which is no option of pytest"


def _counted(**given: object) -> int:
    seen = []
    strategy = scenarios().map(lambda scenario: seen.append(scenario) or scenario)
    fuzz_test(Kernel, strategy=strategy, **given)()  # type: ignore[arg-type]
    return len(seen)


def test_its_settings_say_how_long() -> None:
    assert _counted(settings=settings(max_examples=5, database=None)) in range(5, 10)


@pytest.mark.usefixtures("three_examples")
def test_the_active_profile_says_how_long() -> None:
    assert _counted() in range(3, 6)


def test_a_strategy_of_one_s_own_is_used() -> None:
    cpus = set()

    def note(scenario: Scenario) -> Scenario:
        cpus.add(len(scenario.cpus))
        return scenario

    fuzz_test(Kernel, strategy=scenarios(cpus=1).map(note), settings=FEW)()
    assert cpus == {1}


def test_runs_that_decide_nothing_are_no_pass() -> None:
    writes = scenarios(cpus=1, kinds=["write"]).filter(
        lambda s: all(any(t.length for t in op.buffer) for op in s.cpus[0].program)  # type: ignore[union-attr]
    )
    few = settings(max_examples=3, database=None)
    with pytest.raises(StepLimit, match="nothing decided on EndlessKernel"):
        fuzz_test(EndlessKernel, strategy=writes, settings=few)()


class IdleWrite(BufferedWrite):
    """Nothing calls what it has."""

    async def never_called(self) -> int:
        return 0


class IdleKernel(Kernel):
    """The reference kernel, in effect."""

    write_path = IdleWrite


def test_a_kernel_that_nothing_came_by_passes_with_a_warning() -> None:
    said = r"nothing decided on IdleKernel: never entered: write\.never_called"
    with pytest.warns(UserWarning, match=said):
        fuzz_test(IdleKernel, settings=FEW)()


@pytest.mark.parametrize("what", [3, "reference", None, SleepingWrite])
def test_what_is_no_kernel_class_is_refused_with_what_to_pass(what: object) -> None:
    with pytest.raises(TypeError, match=r"takes a class derived from fuzzcopy\.Kernel.*, not "):
        fuzz_test(what)  # type: ignore[arg-type]
