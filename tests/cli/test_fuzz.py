"""``fuzzcopy fuzz``: what it prints, saves and says about the way back."""

import json
import os
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fuzzcopy.regression import load

from .interrupts import interrupted_after

Call = Callable[..., Any]

KEYS = {
    "kernel",
    "verdict",
    "schedules",
    "examples",
    "seconds",
    "cpus",
    "operations",
    "preemptions",
    "regression",
    "undecided",
    "claim",
}


def _summary(result: Any) -> dict[str, Any]:
    summary: dict[str, Any] = json.loads(result.stdout.splitlines()[-1])
    return summary


def test_a_failure_is_saved_and_its_replay_is_the_last_line(cli: Call) -> None:
    result = cli("fuzz", "sleeping-copy")
    [path] = Path("regressions").iterdir()
    assert f"saved: {path}\n" in result.stdout
    last = result.stdout.splitlines()[-1]
    assert last == f"replay: fuzzcopy replay {path}"
    again = cli(*shlex.split(last)[2:])
    assert again.exit_code == 0
    assert "reproduced (deadlock)" in again.stdout


def test_a_failure_of_one_s_own_kernel_is_replayed_with_that_kernel(cli: Call, own: Any) -> None:
    own.break_it()
    result = cli("fuzz", "mykernel.py:MyKernel", "--save", "my finds")
    last = result.stdout.splitlines()[-1]
    assert last.endswith("--kernel mykernel.py:MyKernel")
    again = cli(*shlex.split(last)[2:])
    assert "reproduced (deadlock) on MyKernel, but the file expects that it passes" in again.stdout


@pytest.mark.slow
def test_the_way_back_comes_after_what_else_was_noticed(cli: Call) -> None:
    result = cli("fuzz", "prefault-then-sleep", "--no-save", "--seed", 3)
    assert "predicted: " in result.stdout
    last = result.stdout.splitlines()[-1]
    assert last == "again: fuzzcopy fuzz prefault-then-sleep --seed 3"


def test_a_bug_of_the_catalogue_must_keep_failing_and_one_s_own_must_not(
    cli: Call, own: Any
) -> None:
    own.break_it()
    cli("fuzz", "sleeping-copy", "--save", "bugs")
    cli("fuzz", "mykernel.py:MyKernel", "--save", "own")
    [bug], [mine] = (list(Path(folder).iterdir()) for folder in ("bugs", "own"))
    assert load(bug).expect == "fails"
    assert load(mine).expect == "passes"


def test_without_saving_no_file_is_written(cli: Call, tmp_path: Path) -> None:
    result = cli("fuzz", "sleeping-copy", "--no-save", "--seed", 5)
    assert os.listdir(tmp_path) == []
    assert result.stdout.splitlines()[-1] == "again: fuzzcopy fuzz sleeping-copy --seed 5"


def test_the_way_back_without_a_file_finds_the_same_failure(cli: Call) -> None:
    first = cli("fuzz", "sleeping-copy", "--no-save")
    again = cli(*shlex.split(first.stdout.splitlines()[-1])[2:], "--no-save")
    assert _without_times(again.stdout) == _without_times(first.stdout)


def _without_times(text: str) -> list[str]:
    return [line for line in text.splitlines() if "(seed " not in line]


def test_the_same_failure_found_twice_is_saved_once(cli: Call) -> None:
    cli("fuzz", "sleeping-copy", "--seed", 1)
    cli("fuzz", "sleeping-copy", "--seed", 1)
    assert len(os.listdir("regressions")) == 1


@pytest.mark.parametrize(
    ("kernel", "examples"),
    [
        ("reference", 20),
        ("sleeping-copy", 20),
        pytest.param("short-copy-committed", 60, marks=pytest.mark.slow),
    ],
)
def test_the_same_seed_is_the_same_search(cli: Call, kernel: str, examples: int) -> None:
    words = ["fuzz", kernel, "--seed", 7, "--examples", examples, "--no-save", "--format", "json"]
    first, second = _summary(cli(*words)), _summary(cli(*words))
    del first["seconds"], second["seconds"]
    assert first == second


def test_another_seed_is_another_search(cli: Call) -> None:
    schedules = {
        _summary(cli("fuzz", "reference", "--seed", seed, "--examples", 15, "--format", "json"))[
            "schedules"
        ]
        for seed in range(4)
    }
    assert len(schedules) > 1


def test_without_a_seed_every_search_is_another_and_says_which(cli: Call) -> None:
    words = ["fuzz", "reference", "--examples", 1, "--format", "json"]
    assert _summary(cli(*words))["seed"] != _summary(cli(*words))["seed"]


def test_examples_are_counted(cli: Call) -> None:
    summary = _summary(cli("fuzz", "reference", "--examples", 30, "--format", "json"))
    assert summary["examples"] <= 30
    assert summary["schedules"] >= summary["examples"]


def test_the_time_limit_ends_the_search(cli: Call) -> None:
    words = ["fuzz", "reference", "--max-time", 1, "--format", "json", "--examples", 10_000_000]
    assert 0.5 < _summary(cli(*words))["seconds"] < 10


def test_one_cpu_is_one_cpu(cli: Call) -> None:
    words = ["fuzz", "sleeping-copy", "--cpus", 1, "--no-save", "--format", "json"]
    assert _summary(cli(*words))["cpus"] == 1


def test_json_says_what_was_found(cli: Call) -> None:
    summary = _summary(cli("fuzz", "sleeping-copy", "--format", "json"))
    assert summary.keys() >= KEYS
    [path] = Path("regressions").iterdir()
    assert summary["kernel"] == "sleeping-copy"
    assert summary["verdict"] == "deadlock"
    assert (summary["cpus"], summary["operations"], summary["preemptions"]) == (1, 1, 0)
    assert summary["regression"] == str(path)
    assert summary["undecided"] == 0
    assert summary["claim"] == "sampled"


def test_json_says_that_nothing_was_found(cli: Call) -> None:
    summary = _summary(cli("fuzz", "reference", "--examples", 5, "--format", "json"))
    assert summary.keys() >= KEYS
    for key in ("verdict", "cpus", "operations", "preemptions", "regression"):
        assert summary[key] is None
    assert summary["claim"] == "sampled"
    for chances in summary["missed"].values():
        assert list(chances) == ["1", "2", "3"]
        assert 0 <= chances["1"] <= chances["2"] <= chances["3"] <= 1


def test_a_silent_search_says_what_it_would_have_missed(cli: Call) -> None:
    result = cli("fuzz", "reference", "--examples", 5)
    [_, claim] = result.stdout.splitlines()
    assert claim.startswith("a bug of depth d in one of these programs would have been missed with")


def test_one_that_found_something_claims_nothing(cli: Call) -> None:
    summary = _summary(cli("fuzz", "sleeping-copy", "--no-save", "--format", "json"))
    assert summary["missed"] is None
    assert "would have been missed" not in cli("fuzz", "sleeping-copy", "--no-save").stdout


def test_json_has_no_file_if_none_was_wanted(cli: Call) -> None:
    summary = _summary(cli("fuzz", "sleeping-copy", "--no-save", "--format", "json"))
    assert summary["verdict"] == "deadlock"
    assert summary["regression"] is None


def test_a_pipe_gets_text_only_and_no_progress(command: Call) -> None:
    result = command("fuzz", "sleeping-copy", env={"TERM": "xterm-256color"})
    assert result.returncode == 1
    assert "\x1b" not in result.stdout
    assert "\r" not in result.stdout
    assert result.stderr == ""


def test_a_pipe_gets_long_lines_in_one_piece(cli: Call) -> None:
    folder = "regressions/" + "very-long-name-" * 8
    result = cli("fuzz", "sleeping-copy", "--save", folder)
    assert f"saved: {folder}" in result.stdout


def test_square_brackets_in_names_are_no_markup(cli: Call) -> None:
    result = cli("fuzz", "sleeping-copy", "--save", "[bold]dir[/bold]")
    assert "saved: [bold]dir[/bold]" in result.stdout


MENDS = {
    "--save": "choose another with --save DIR, or use --no-save",
    "--corpus": "choose another with --corpus DIR",
}


@pytest.mark.parametrize(
    ("option", "where"),
    [
        ("--save", "file"),  # click itself refuses a file as --corpus
        *[(option, where) for option in MENDS for where in ("file/below", "/proc/x", "/proc")],
    ],
)
def test_a_directory_that_cannot_be_written_is_refused_before_the_search(
    cli: Call, tmp_path: Path, option: str, where: str
) -> None:
    if where.startswith("/proc") and not Path("/proc/self").exists():
        pytest.skip("there is no /proc here")
    (tmp_path / "file").write_text("in the way")
    result = cli("fuzz", "reference", option, where)
    assert result.exit_code == 2
    assert result.stdout == ""
    [line] = result.stderr.splitlines()
    assert line.startswith(f"Error: cannot save into {where}: ")
    assert line.endswith(MENDS[option])
    assert (tmp_path / "file").read_text() == "in the way"


def test_a_directory_that_turns_out_not_to_be_writable_costs_no_result(
    cli: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("fuzzcopy.regression.store._write_new", full)
    result = cli("fuzz", "sleeping-copy", "--save", "finds")
    assert result.exit_code == 1
    assert "found and shrunk: deadlock" in result.stdout
    assert result.stdout.splitlines()[-1].startswith("again: fuzzcopy fuzz sleeping-copy --seed ")
    assert "cannot save into finds: No space left on device" in result.stderr


def test_a_crash_s_message_does_not_steer_the_terminal(cli: Call, own: Any) -> None:
    own.write(
        "from fuzzcopy import Kernel\nfrom fuzzcopy.kernel import BufferedWrite\n"
        "class W(BufferedWrite):\n    async def copy(self, *args):\n"
        "        assert False, '\\x1b[31mred'\n"
        "class K(Kernel):\n    write_path = W\n"
    )
    result = cli("fuzz", "mykernel.py:K", "--seed", 1)
    assert result.exit_code == 1
    assert "AssertionError: \\x1b[31mred" in result.stdout
    assert "\x1b" not in result.output
    [path] = Path("regressions").iterdir()
    for command in ("replay", "show"):
        assert "\x1b" not in cli(command, path, "--kernel", "mykernel.py:K").output


def test_what_was_saved_is_told_if_ctrl_c_ends_its_report(
    cli: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fuzzcopy.cli.fuzz.print_report", interrupted_after(0, print))
    result = cli("fuzz", "sleeping-copy", "--seed", "1")
    assert result.exit_code == 1
    assert "found and shrunk: deadlock on sleeping-copy" in result.stdout
    assert "saved: regressions/sleeping-copy-deadlock-" in result.stdout
