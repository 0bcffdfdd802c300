"""``regressions/*.json`` are test items."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from msgspec.structs import replace as but

from fuzzcopy.regression import Regression, save

Call = Callable[..., Any]


def test_each_file_is_a_test(
    project: Path, run_pytest: Call, self_deadlock: Regression, reclaimed: Regression
) -> None:
    save(self_deadlock, project / "regressions")
    save(reclaimed, project / "regressions")
    result = run_pytest()
    assert result.returncode == 0
    assert "2 passed" in result.stdout


def test_a_test_is_called_by_its_file_and_its_verdict(
    project: Path, run_pytest: Call, self_deadlock: Regression
) -> None:
    path = save(self_deadlock, project / "regressions")
    result = run_pytest("-v")
    assert f"regressions/{path.name}::deadlock PASSED" in result.stdout


def test_a_folder_of_regressions_may_be_anywhere_in_the_project(
    project: Path, run_pytest: Call, self_deadlock: Regression
) -> None:
    save(self_deadlock, project / "tests" / "copy" / "regressions")
    assert "1 passed" in run_pytest().stdout


def test_other_json_files_are_left_alone(
    project: Path, run_pytest: Call, self_deadlock: Regression
) -> None:
    save(self_deadlock, project / "data")
    (project / "package.json").write_text("{}")
    (project / "regressions").mkdir()
    (project / "regressions" / "notes.txt").write_text("none")
    result = run_pytest()
    assert result.returncode == 5
    assert "no tests ran" in result.stdout


def test_one_file_can_be_named(
    project: Path, run_pytest: Call, self_deadlock: Regression, reclaimed: Regression
) -> None:
    path = save(self_deadlock, project / "regressions")
    save(reclaimed, project / "regressions")
    assert "1 passed" in run_pytest(f"regressions/{path.name}").stdout


def test_a_bug_that_no_longer_fails_is_red_and_says_what_was_expected(
    project: Path, run_pytest: Call, self_deadlock: Regression
) -> None:
    path = save(but(self_deadlock, kernel="reference"), project / "regressions")
    result = run_pytest()
    assert result.returncode == 1
    assert f"{path.name}: passes, but the file expects that it fails" in result.stdout


def test_a_failure_of_one_s_own_is_red_with_its_timeline_and_the_way_back(
    project: Path, run_pytest: Call, self_deadlock: Regression
) -> None:
    path = save(but(self_deadlock, expect="passes"), project / "regressions")
    result = run_pytest()
    assert result.returncode == 1
    text = result.stdout
    assert f"{path.name}: reproduced (deadlock), but the file expects that it passes" in text
    assert "deadlock on sleeping-copy: 1 CPU, 1 operation, 0 preemptions" in text
    assert "write(f0, 0, [m0+0:16])" in text
    assert "+-> cpu0 waits for page lock f0:0" in text
    assert f"replay: fuzzcopy replay {path}" in text
    assert "Traceback" not in text
    assert f"FAILED regressions/{path.name}::deadlock" in text


def test_a_kernel_of_the_project_is_found_from_any_folder(
    project: Path, run_pytest: Call, own: Any, self_deadlock: Regression
) -> None:
    own.mend_it()
    (project / "folder").mkdir()
    (project / "pyproject.toml").write_text(
        '[tool.pytest.ini_options]\n[tool.fuzzcopy]\nkernels = ["mykernel.py:MyKernel"]\n'
    )
    path = save(but(self_deadlock, kernel="MyKernel", expect="passes"), project / "regressions")
    assert "1 passed" in run_pytest().stdout
    assert "1 passed" in run_pytest(str(path), folder="folder").stdout
    own.break_it()
    result = run_pytest()
    assert "reproduced (deadlock), but the file expects that it passes" in result.stdout


def test_a_kernel_that_a_test_of_the_same_run_fuzzes_is_known(
    project: Path, run_pytest: Call, own: Any, self_deadlock: Regression
) -> None:
    own.mend_it()
    own.write(
        "import sys; sys.path.insert(0, '.')\n"
        "from fuzzcopy import fuzz_test\nfrom mykernel import MyKernel\n"
        "test_mine = fuzz_test(MyKernel)\n",
        "test_mine.py",
    )
    save(but(self_deadlock, kernel="MyKernel", expect="passes"), project / "regressions")
    assert "2 passed" in run_pytest("--hypothesis-profile=quick").stdout


def test_an_unknown_kernel_is_one_line(
    project: Path, run_pytest: Call, self_deadlock: Regression
) -> None:
    path = save(but(self_deadlock, kernel="Nobodys"), project / "regressions")
    result = run_pytest()
    assert result.returncode == 1
    [line] = [line for line in result.stdout.splitlines() if "not known here" in line]
    assert path.name in line
    assert "[tool.fuzzcopy]" in line
    assert "Traceback" not in result.stdout


def test_a_bad_file_is_one_line_and_does_not_stop_the_others(
    project: Path, run_pytest: Call, self_deadlock: Regression
) -> None:
    save(self_deadlock, project / "regressions")
    (project / "regressions" / "broken.json").write_bytes(b'{"format": "fuzz\xff')
    (project / "regressions" / "newer.json").write_text(
        '{"format": "fuzzcopy regression", "version": 99, "verdict": "a\\u001b[2J\\nb"}'
    )
    result = run_pytest()
    assert result.returncode == 1
    assert "2 failed, 1 passed" in result.stdout
    assert "Traceback" not in result.stdout
    assert "\x1b" not in result.stdout
    lines = [line for line in result.stdout.splitlines() if line.startswith("cannot use ")]
    assert [line.count("broken.json") for line in lines] == [1, 0]
    assert "upgrade fuzzcopy" in result.stdout


def test_collecting_runs_nothing(
    project: Path, run_pytest: Call, self_deadlock: Regression
) -> None:
    save(but(self_deadlock, kernel="Nobodys"), project / "regressions")
    result = run_pytest("--collect-only", "-q")
    assert result.returncode == 0
    assert "1 test collected" in result.stdout


def test_a_run_that_needs_no_hypothesis_imports_none(
    project: Path, run_pytest: Call, self_deadlock: Regression
) -> None:
    save(self_deadlock, project / "regressions")
    (project / "conftest.py").write_text(
        "import sys\n"
        "def pytest_sessionfinish():\n"
        "    print('hypothesis:', 'hypothesis' in sys.modules)\n"
    )
    assert "hypothesis: False" in run_pytest().stdout
