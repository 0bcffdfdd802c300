"""Saving: whole or not at all, and never over something else."""

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import pytest

from fuzzcopy.regression import Regression, RegressionError, load, save
from fuzzcopy.regression.store import check_writable


def test_what_was_saved_is_loaded_again(tmp_path: Path, reclaimed: Regression) -> None:
    assert load(save(reclaimed, tmp_path)) == reclaimed


def test_the_name_says_kernel_and_verdict(tmp_path: Path, self_deadlock: Regression) -> None:
    path = save(self_deadlock, tmp_path)
    assert path.name.startswith("sleeping-copy-deadlock-")
    assert path.suffix == ".json"


def test_the_directory_is_made_if_it_is_not_there(
    tmp_path: Path, self_deadlock: Regression
) -> None:
    assert save(self_deadlock, tmp_path / "a" / "b").parent == tmp_path / "a" / "b"


def test_the_same_failure_twice_is_one_file(tmp_path: Path, self_deadlock: Regression) -> None:
    first = save(self_deadlock, tmp_path)
    before = first.stat().st_mtime_ns
    assert save(self_deadlock, tmp_path) == first
    assert first.stat().st_mtime_ns == before
    assert os.listdir(tmp_path) == [first.name]


def test_a_file_that_says_the_same_in_other_bytes_is_the_same(
    tmp_path: Path, self_deadlock: Regression
) -> None:
    first = save(self_deadlock, tmp_path)
    older = json.loads(first.read_bytes())
    del older["scenario"]["pipe"]  # as in a version that had none
    first.write_text(json.dumps(older))
    assert save(self_deadlock, tmp_path) == first


def test_a_different_file_of_that_name_is_left_alone(
    tmp_path: Path, self_deadlock: Regression
) -> None:
    first = save(self_deadlock, tmp_path)
    first.write_text("somebody's notes")
    second = save(self_deadlock, tmp_path)
    third = save(msgspec.structs.replace(self_deadlock, expect="passes"), tmp_path)
    assert first.read_text() == "somebody's notes"
    assert load(second) == self_deadlock
    assert load(third).expect == "passes"
    assert len({first, second, third}) == 3


def test_a_name_with_slashes_stays_inside_the_directory(
    tmp_path: Path, self_deadlock: Regression
) -> None:
    hostile = msgspec.structs.replace(self_deadlock, kernel="../../etc/pass wd\0\n")
    path = save(hostile, tmp_path / "inner")
    assert path.resolve().parent == (tmp_path / "inner").resolve()


def test_a_very_long_name_can_be_saved_and_loaded(
    tmp_path: Path, self_deadlock: Regression
) -> None:
    long = msgspec.structs.replace(self_deadlock, kernel="K" * 200)
    assert load(save(long, tmp_path)) == long


def test_others_may_read_the_file(tmp_path: Path, self_deadlock: Regression) -> None:
    mode = stat.S_IMODE(save(self_deadlock, tmp_path).stat().st_mode)
    assert mode & 0o444 == 0o444


def _below_a_file(tmp_path: Path) -> Path:
    (tmp_path / "file").write_text("in the way")
    return tmp_path / "file" / "regressions"


def _a_file(tmp_path: Path) -> Path:
    return _below_a_file(tmp_path).parent


def _in_proc(tmp_path: Path) -> Path:
    if not Path("/proc/self").exists():
        pytest.skip("there is no /proc here")
    return Path("/proc/regressions")


@pytest.mark.parametrize("place", [_below_a_file, _a_file, _in_proc])
def test_where_nothing_can_be_saved_is_said_with_the_mend(
    tmp_path: Path, self_deadlock: Regression, place: Callable[[Path], Path]
) -> None:
    with pytest.raises(RegressionError, match="--save DIR, or use --no-save") as caught:
        save(self_deadlock, place(tmp_path))
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("place", [_below_a_file, _a_file, _in_proc])
def test_where_nothing_can_be_saved_is_known_before_the_search(
    tmp_path: Path, place: Callable[[Path], Path]
) -> None:
    with pytest.raises(RegressionError, match="not a writable directory"):
        check_writable(place(tmp_path))


def test_a_write_that_breaks_off_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, self_deadlock: Regression
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RegressionError, match="No space left on device"):
        save(self_deadlock, tmp_path)
    assert os.listdir(tmp_path) == []


SAVER = """
import sys
from pathlib import Path
from fuzzcopy.regression import load, save

regression, directory, rounds = load(Path(sys.argv[1])), Path(sys.argv[2]), int(sys.argv[3])
print("ready", flush=True)
sys.stdin.readline()
for number in range(rounds):
    save(regression, directory / str(number))
"""

ROUNDS = 100


def _save_at_once(tmp_path: Path, regressions: Sequence[Regression]) -> Path:
    """A process for each regression; all save ``ROUNDS`` times, one directory after another."""
    directory = tmp_path / "saved"
    savers = []
    for number, regression in enumerate(regressions):
        source = tmp_path / f"{number}.json"
        source.write_bytes(regression.to_json())
        saver = subprocess.Popen(
            [sys.executable, "-c", SAVER, str(source), str(directory), str(ROUNDS)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        savers.append(saver)
    for saver in savers:
        assert saver.stdout is not None
        assert saver.stdout.readline() == "ready\n"
    for saver in savers:
        assert saver.stdin is not None
        saver.stdin.write("go\n")
        saver.stdin.flush()
    for saver in savers:
        saver.communicate(timeout=600)
        assert saver.returncode == 0
    return directory


def test_two_processes_that_save_at_once_share_one_file(
    tmp_path: Path, self_deadlock: Regression
) -> None:
    directory = _save_at_once(tmp_path, [self_deadlock, self_deadlock])
    for number in range(ROUNDS):
        [only] = (directory / str(number)).iterdir()
        assert load(only) == self_deadlock


def test_two_processes_with_different_failures_of_one_name_lose_neither(
    tmp_path: Path, self_deadlock: Regression
) -> None:
    other = msgspec.structs.replace(self_deadlock, expect="passes")
    directory = _save_at_once(tmp_path, [self_deadlock, other])
    for number in range(ROUNDS):
        saved = [load(path) for path in (directory / str(number)).iterdir()]
        assert sorted(one.expect for one in saved) == ["fails", "passes"]
