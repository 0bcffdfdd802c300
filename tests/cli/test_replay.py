"""``fuzzcopy replay``: one line per file."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace as but

from fuzzcopy.regression import Regression, load, save

from .interrupts import STRUCK

Call = Callable[..., Any]


def _diverged(regression: Regression) -> Regression:
    [first, *rest] = regression.scenario.schedule
    lost = but(first, at="page.lock of long ago")
    return but(regression, scenario=but(regression.scenario, schedule=(lost, *rest)))


def test_a_folder_is_replayed_file_by_file_in_the_order_of_names(
    cli: Call, tmp_path: Path, self_deadlock: Regression, reclaimed: Regression
) -> None:
    paths = sorted(save(one, tmp_path / "r") for one in (self_deadlock, reclaimed))
    (tmp_path / "r" / "notes.txt").write_text("not a regression, and not meant as one")
    result = cli("replay", "r")
    assert result.stdout.splitlines() == [
        f"r/{path.name}: reproduced (deadlock) on {load(path).kernel}" for path in paths
    ]


def test_several_files_and_folders_can_be_named(
    cli: Call, tmp_path: Path, self_deadlock: Regression, reclaimed: Regression
) -> None:
    file = save(self_deadlock, tmp_path)
    save(reclaimed, tmp_path / "folder")
    assert len(cli("replay", file.name, "folder", file.name).stdout.splitlines()) == 3


def test_another_kernel_can_be_asked_for(
    cli: Call, own: Any, tmp_path: Path, self_deadlock: Regression
) -> None:
    own.mend_it()
    save(self_deadlock, tmp_path / "r")
    result = cli("replay", "r", "--kernel", "mykernel.py:MyKernel")
    assert "passes on MyKernel, but the file expects that it fails" in result.stdout


def test_a_kernel_that_the_project_lists_is_found_by_its_name(
    cli: Call, own: Any, tmp_path: Path, self_deadlock: Regression
) -> None:
    own.mend_it()
    own.write('[tool.fuzzcopy]\nkernels = ["mykernel.py:MyKernel"]\n', "pyproject.toml")
    save(but(self_deadlock, kernel="MyKernel", expect="passes"), tmp_path / "r")
    result = cli("replay", "r")
    assert result.exit_code == 0
    assert result.stdout.endswith(": passes on MyKernel\n")


def test_a_failure_that_has_moved_is_found_by_a_search(
    cli: Call, tmp_path: Path, reclaimed: Regression
) -> None:
    save(_diverged(reclaimed), tmp_path / "r")
    result = cli("replay", "r")
    assert result.exit_code == 0
    assert "reproduced (deadlock) after search of " in result.stdout
    assert "the code has changed" in result.stdout


def test_a_schedule_that_cannot_be_followed_is_never_a_silent_pass(
    cli: Call, tmp_path: Path, reclaimed: Regression
) -> None:
    save(but(_diverged(reclaimed), expect="passes"), tmp_path / "r")
    result = cli("replay", "r", "--kernel", "reference")
    assert result.exit_code == 0
    assert "passes after search of 2,000 schedules on reference" in result.stdout


def test_replaying_changes_no_file(cli: Call, tmp_path: Path, reclaimed: Regression) -> None:
    path = save(_diverged(reclaimed), tmp_path / "r")
    before = path.read_bytes()
    cli("replay", "r")
    assert path.read_bytes() == before
    assert list((tmp_path / "r").iterdir()) == [path]


def test_what_was_reproduced_with_another_trace_is_recorded_again_if_asked(
    cli: Call, tmp_path: Path, reclaimed: Regression
) -> None:
    moved = _diverged(reclaimed)
    path = save(moved, tmp_path / "r")
    assert "(--record writes it down anew)" in cli("replay", "r").stdout
    assert load(path) == moved
    assert cli("replay", "r", "--record").stdout.endswith(": recorded again\n")
    assert (
        cli("replay", "r").stdout == f"r/{path.name}: reproduced (deadlock) on {reclaimed.kernel}\n"
    )
    assert load(path).expect == moved.expect
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_nothing_is_recorded_from_another_kernel(
    cli: Call, own: Any, tmp_path: Path, self_deadlock: Regression
) -> None:
    own.mend_it()
    path = save(self_deadlock, tmp_path / "r")
    text = cli("replay", "r", "--record", "--kernel", "mykernel.py:MyKernel").stdout
    assert text.endswith("; not recorded: the file is for sleeping-copy\n")
    assert load(path) == self_deadlock


def test_another_trace_of_another_kernel_is_not_laid_to_changed_code(
    cli: Call, own: Any, tmp_path: Path, reclaimed: Regression
) -> None:
    own.write(
        "from fuzzcopy.bugs import catalogue\n"
        f"class Other(catalogue()[{reclaimed.kernel!r}]):\n    year = 2000\n"
    )
    save(_diverged(reclaimed), tmp_path / "r")
    text = cli("replay", "r", "--kernel", "mykernel.py:Other").stdout
    assert text.endswith(
        "; the trace differs from the recorded one, as the kernel is another one\n"
    )


@pytest.mark.usefixtures("ctrl_c_works")
@pytest.mark.parametrize(("expect", "status"), [("fails", 130), ("passes", 1)])
def test_ctrl_c_says_how_many_files_were_not_replayed(
    cli: Call, own: Any, tmp_path: Path, self_deadlock: Regression, expect: Any, status: int
) -> None:
    own.write(STRUCK)
    own.write('[tool.fuzzcopy]\nkernels = ["mykernel.py:Struck"]\n', "pyproject.toml")
    save(but(self_deadlock, expect=expect), tmp_path / "a")
    for number in range(2):
        struck = but(self_deadlock, kernel="Struck", digest=f"{number:032}")
        save(struck, tmp_path / "b")
    result = cli("replay", "a", "b")
    assert result.exit_code == status
    assert len(result.stdout.splitlines()) == 1
    assert result.stderr == "interrupted: 1 file replayed, 2 not\n"


def test_a_folder_without_regressions_is_told_before_the_others_are_replayed(
    cli: Call, tmp_path: Path, self_deadlock: Regression
) -> None:
    save(self_deadlock, tmp_path / "r")
    (tmp_path / "empty").mkdir()
    result = cli("replay", "r", "empty")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "there is no regression (*.json) in empty" in result.stderr
