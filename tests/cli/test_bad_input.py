"""Bad input: one line on stderr that says the mend, status 2, no traceback, nothing imported."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fuzzcopy.regression import Regression, save

Call = Callable[..., Any]


def _line(result: Any) -> str:
    assert result.exit_code == 2
    assert result.stdout == ""
    [line] = result.stderr.splitlines()
    return str(line)


@pytest.mark.parametrize(
    "words", [["fuzz", "{}"], ["replay", "r", "--kernel", "{}"], ["explore", "{}"]]
)
@pytest.mark.parametrize(
    ("kernel", "reason"),
    [
        ("nonesuch", "there is no kernel 'nonesuch'"),
        ("no_such_module:Class", "cannot import no_such_module"),
        ("mykernel.py:Nope", "has no class Nope: it has MyKernel"),
        ("mykernel.py:MyWrite", "is not a kernel"),
        ("os:system", "is not a kernel"),
        ("broken.py:Class", "cannot import broken.py: ZeroDivisionError"),
        ("leaves.py:Class", "cannot import leaves.py: SystemExit"),
        ("gone.py:Class", "there is no file gone.py"),
        ("picky.py:Class", "picky.py:Class cannot be made with a machine"),
        ("quits.py:Class", "quits.py:Class cannot be made with a machine"),
        ("pathless.py:Class", "Class.write_path is None, which is no path class"),
        ("half.py:Class", "half.py:Class is half made: its __init__ must call super()"),
        ("", "there is no kernel ''"),
        (":", "there is no kernel ':'"),
        (":X", "there is no kernel ':X'"),
        ("sleepng-copy", "there is no kernel 'sleepng-copy' (is sleeping-copy meant?)"),
        ("mykernel.py", "mykernel.py alone names no class: is mykernel.py:MyKernel meant?"),
        ("mykernel.py:", "mykernel.py alone names no class: is mykernel.py:MyKernel meant?"),
        ("gone.py", "there is no file gone.py"),
        ("json:", "json has no kernel class"),
        ("json:Nope", "json has no class Nope: it has no kernel class"),
    ],
)
def test_a_kernel_that_cannot_be_had(
    cli: Call, own: Any, self_deadlock: Regression, words: list[str], kernel: str, reason: str
) -> None:
    own.break_it()
    own.write("1 / 0", "broken.py")
    own.write("raise SystemExit(0)", "leaves.py")
    derived = "from fuzzcopy import Kernel\nclass Class(Kernel):\n    "
    own.write(derived + "def __init__(self, machine, more): pass", "picky.py")
    own.write(derived + "def __init__(self, machine): raise SystemExit(0)", "quits.py")
    own.write(derived + "write_path = None", "pathless.py")
    own.write(derived + "def __init__(self, machine): pass", "half.py")
    save(self_deadlock, own.directory / "r")
    result = cli(*[word.format(kernel) for word in words])
    assert reason in _line(result)


FILES = {
    "empty": b"",
    "no JSON": b"hello",
    "half": b'{"format": "fuzzcopy regression", "version": 1, "kern',
    "not ours": b"{}",
    "newer": b'{"format": "fuzzcopy regression", "version": 2}',
    "bad unicode": b'{"format": "fuzzcopy regression", "version": 1, "kernel": "\xff"}',
    "deep": b"[" * 1_000_000,
    "5 MB": b'{"format": "' + b"x" * (5 << 20) + b'"}',
    "an escape sequence": b'{"format": "fuzzcopy regression", "version": 1, "\\u001b[2J\\n": 1}',
}


@pytest.mark.parametrize("command", ["replay", "show"])
@pytest.mark.parametrize("content", FILES)
def test_a_file_that_is_no_regression(
    cli: Call, tmp_path: Path, command: str, content: str
) -> None:
    path = tmp_path / "file.json"
    path.write_bytes(FILES[content])
    line = _line(cli(command, "file.json"))
    assert line.count("file.json") == 1
    assert len(line) < 500
    assert path.read_bytes() == FILES[content]


@pytest.mark.parametrize("command", ["replay", "show"])
def test_a_file_that_is_not_there(cli: Call, command: str) -> None:
    assert "gone.json: No such file or directory" in _line(cli(command, "gone.json"))


def test_a_folder_that_is_shown(cli: Call, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    assert "folder" in _line(cli("show", "folder"))


def test_a_folder_without_regressions(cli: Call, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert "there is no regression (*.json) in empty" in _line(cli("replay", "empty"))


@pytest.mark.parametrize("command", ["replay", "show"])
@pytest.mark.parametrize("name", ["evil:Class", "evil.py:Class", "os:system", "../evil.py:Class"])
def test_a_file_for_a_kernel_that_nobody_named(
    cli: Call, tmp_path: Path, self_deadlock: Regression, command: str, name: str
) -> None:
    (tmp_path / "evil.py").write_text("open('imported', 'w')")
    text = self_deadlock.to_json().replace(b'"sleeping-copy"', f'"{name}"'.encode())
    (tmp_path / "file.json").write_bytes(text)
    line = _line(cli(command, "file.json"))
    assert "which is not known here" in line
    assert "--kernel" in line
    assert not (tmp_path / "imported").exists()


@pytest.mark.parametrize("seconds", ["nan", "0", "-1", "soon"])
def test_a_time_that_is_none(cli: Call, seconds: str) -> None:
    result = cli("fuzz", "reference", "--max-time", seconds)
    assert result.exit_code == 2
    assert "Invalid value for '--max-time'" in result.stderr


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("show f --json --mermaid", "--mermaid and --json: give one of them"),
        ("show f --shiviz --chrome-trace", "--chrome-trace and --shiviz: give one of them"),
        ("show f --all --mermaid", "--all and --mermaid: give one of them"),
        ("show f --why --json", "--why and --json: give one of them"),
        ("show f --why --html p", "--why and --html: give one of them"),
        ("fuzz reference --save r --no-save", "--save and --no-save: give one of them"),
        ("host --no-save --save r", "--save and --no-save: give one of them"),
        ("explore f.json --seed 3", "--seed: not with a FILE, whose program is run"),
        ("compare --examples 0 --seed 3", "--seed: not with --examples 0, which searches nothing"),
        ("explore f --check --preemptions 1", "--check and --preemptions: give one of them"),
        ("locks --dot --mermaid", "--mermaid and --dot: give one of them"),
        ("locks --dot --format json", "--dot and --format: give one of them"),
        ("locks --dot --swaps", "--dot and --swaps: give one of them"),
        ("locks --save r", "--save: only with --swaps"),
        ("locks --preemptions 1 --save r", "--preemptions and --save: only with --swaps"),
        ("cost --output c.toml", "--output: only with --calibrate"),
        ("cost --force", "--force: only with --calibrate"),
        ("cost --calibrate --costs c.toml", "--calibrate and --costs: give one of them"),
    ],
)
def test_an_option_that_would_be_ignored(
    cli: Call, tmp_path: Path, words: str, reason: str
) -> None:
    result = cli(*words.split())
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.splitlines()[-1] == f"Error: {reason}"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("command", "option"),
    [
        ("fuzz reference", "--save"),
        ("fuzz reference", "--corpus"),
        ("locks --swaps", "--save"),
        ("host", "--save"),
        ("cost --calibrate", "--output"),
        ("compare", "--html"),
        ("show f", "--html"),
    ],
)
def test_a_place_without_a_name(cli: Call, command: str, option: str) -> None:
    result = cli(*command.split(), option, "")
    assert result.exit_code == 2
    line = result.stderr.splitlines()[-1]
    assert line == f"Error: Invalid value for '{option}': it is empty; name a place to write to."


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("show", "FILE"),
        ("replay", "FILE|DIR..."),
        ("host --replay", "--replay"),
        ("compare --costs", "--costs"),
        ("cost --costs", "--costs"),
    ],
)
def test_nothing_that_is_to_be_read(
    cli: Call, tmp_path: Path, self_deadlock: Regression, words: str, name: str
) -> None:
    save(self_deadlock, tmp_path)  # the current directory, which is not meant
    result = cli(*words.split(), "")
    assert result.exit_code == 2
    assert result.stdout == ""
    line = result.stderr.splitlines()[-1]
    assert line == f"Error: Invalid value for '{name}': it is empty; name a file or a directory."


def test_a_bug_that_is_not_in_the_catalogue(cli: Call) -> None:
    assert "there is no bug 'nonesuch'" in _line(cli("bugs", "nonesuch"))


@pytest.mark.parametrize(
    ("command", "name", "near"),
    [("bugs", "dirty-cwo", "dirty-cow"), ("designs", "bounce-bufer", "bounce-buffer")],
)
def test_a_name_that_is_nearly_one_that_is_there(
    cli: Call, command: str, name: str, near: str
) -> None:
    assert f"{name!r} (is {near} meant?); `fuzzcopy" in _line(cli(command, name))
