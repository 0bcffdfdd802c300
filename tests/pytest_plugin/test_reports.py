"""How a failure is told by pytest, in pages, in JUnit files and in a job's summary."""

import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace as but

from fuzzcopy.pytest_plugin import MOST, JobSummary
from fuzzcopy.regression import Regression, save

Call = Callable[..., Any]

PROPERTY = r"""from fuzzcopy import fuzz_test
from fuzzcopy.bugs import catalogue

test_mine = fuzz_test(catalogue()["sleeping-copy"], save_to=None)


def test_of_somebody_else():
    assert 1 == 2
"""

# Fails in its first copy; somebody presses Ctrl-C when it is being shrunk.
STRUCK = """\
import signal
from itertools import count
from pathlib import Path

from fuzzcopy import Kernel, fuzz_test
from fuzzcopy.kernel import BufferedWrite

signal.signal(signal.SIGINT, signal.default_int_handler)
copies = count()


class StruckWrite(BufferedWrite):
    async def copy(self, cpu, page, start, buffer, position, length):
        if next(copies) == 5:
            signal.raise_signal(signal.SIGINT)
        return await self.kernel.copy.from_user(cpu, page, start, buffer, position, length)


class Struck(Kernel):
    write_path = StruckWrite


test_struck = fuzz_test(Struck)


def test_other():
    Path("other").touch()
"""


@pytest.fixture
def project_with_failures(project: Path, self_deadlock: Regression) -> Path:
    """A property that fails, a regression that is not as it should be, and a test of others."""
    (project / "test_it.py").write_text(PROPERTY)
    save(but(self_deadlock, expect="passes"), project / "regressions")
    return project


def test_a_failure_is_told_by_its_timeline_everywhere(
    project_with_failures: Path, run_pytest: Call
) -> None:
    result = run_pytest(
        "--hypothesis-profile=quick",
        "--junit-xml=junit.xml",
        "--fuzzcopy-report=pages",
        env={"GITHUB_STEP_SUMMARY": "summary.md"},
    )
    text = result.stdout
    assert result.returncode == 1
    # On the terminal: the timeline, once per failure, and no traceback or Hypothesis's text.
    assert text.count("what changed") == 2
    for word in ("Traceback", "Falsifying", "traceback entries are hidden", "errors.Deadlock"):
        assert word not in text
    assert "FAILED test_it.py::test_mine - deadlock: " in text
    assert ">   " in text, "a test that is not ours is told as ever"
    # A page each, named where the failure is told.
    pages = sorted(path.name for path in (project_with_failures / "pages").iterdir())
    assert len(pages) == 2
    for name in pages:
        assert f"page: pages/{name}" in text
    # In JUnit's file: one line as the message, the timeline as the text.
    cases = ET.parse(project_with_failures / "junit.xml").getroot().iter("testcase")
    failures = {case.get("name"): case.find("failure") for case in cases}
    mine = failures["test_mine"]
    assert mine is not None
    message = str(mine.get("message"))
    assert message.startswith("deadlock: ")
    assert "\n" not in message
    assert "what changed" in str(mine.text)
    # In the job's summary: a section each.
    summary = (project_with_failures / "summary.md").read_text()
    assert summary.startswith("### fuzzcopy: 2 failures\n")
    assert summary.count("<details><summary>") == summary.count("```mermaid") == 2
    assert "test_of_somebody_else" not in summary


def test_a_page_that_cannot_be_written_is_said(project: Path, run_pytest: Call) -> None:
    (project / "test_it.py").write_text(PROPERTY)
    (project / "pages").write_text("a file")
    result = run_pytest("--hypothesis-profile=quick", "--fuzzcopy-report=pages")
    assert "no page written: File exists" in result.stdout
    assert "choose another --fuzzcopy-report" in result.stdout
    assert (project / "pages").read_text() == "a file"


class _Failed:
    fuzzcopy_markdown = "one\n"


def test_a_summary_is_added_to_what_is_there_and_has_an_end(tmp_path: Path) -> None:
    path = tmp_path / "summary.md"
    path.write_text("from another step\n")
    summary = JobSummary(path)
    for _ in range(MOST + 3):
        summary.pytest_runtest_logreport(_Failed())  # type: ignore[arg-type]
    summary.pytest_sessionfinish()
    text = path.read_text()
    assert text.startswith(f"from another step\n### fuzzcopy: {MOST + 3} failures\n")
    assert text.count("one") == MOST
    assert text.endswith("and 3 more\n")


def test_without_a_failure_there_is_no_summary(tmp_path: Path) -> None:
    JobSummary(tmp_path / "summary.md").pytest_sessionfinish()
    assert not list(tmp_path.iterdir())


def test_a_summary_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    summary = JobSummary(tmp_path)  # a directory
    summary.pytest_runtest_logreport(_Failed())  # type: ignore[arg-type]
    summary.pytest_sessionfinish()


def test_ctrl_c_ends_the_session_and_a_failure_that_was_being_shrunk_is_told(
    project: Path, run_pytest: Call
) -> None:
    (project / "test_it.py").write_text(STRUCK)
    result = run_pytest()
    assert result.returncode == pytest.ExitCode.INTERRUPTED
    [path] = (project / "regressions").iterdir()
    assert "KeyboardInterrupt: found, not shrunk to the end: deadlock on Struck: " in result.stdout
    assert f"; saved: regressions/{path.name}; replay: " in result.stdout
    assert not (project / "other").exists()
