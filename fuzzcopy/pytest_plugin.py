"""The pytest plugin: ``regressions/*.json`` are test items, and failures are told briefly.

Cheap to import: nothing of fuzzcopy is loaded before there is a regression to run or a failure.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

if TYPE_CHECKING:
    from fuzzcopy.kernel import Kernel
    from fuzzcopy.regression import Replayed
    from fuzzcopy.report import Report

SUMMARY = "GITHUB_STEP_SUMMARY"
"""The variable by which GitHub Actions names the file of a job's summary."""

MOST = 20
"""Failures told in a job's summary: its size is limited."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--fuzzcopy-report``."""
    group = parser.getgroup("fuzzcopy")
    group.addoption(
        "--fuzzcopy-report",
        metavar="DIR",
        type=Path,
        help="write a page into DIR for every failure that fuzzcopy found",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Watch for failures to tell in the job's summary; where tests run in workers, only once."""
    path = os.environ.get(SUMMARY)
    if path and not hasattr(config, "workerinput"):
        config.pluginmanager.register(JobSummary(Path(path)), "fuzzcopy-job-summary")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect the JSON files of every folder called ``regressions``."""
    if file_path.suffix == ".json" and file_path.parent.name == "regressions":
        return RegressionFile.from_parent(parent, path=file_path)
    return None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Tell a failure that fuzzcopy found by its timeline instead of a traceback."""
    result = yield
    error = call.excinfo.value if call.excinfo is not None else None
    # Most errors are not ours, and must not cost an import.
    if result.failed and hasattr(error, "__fuzzcopy_report__"):
        from fuzzcopy.report import report_of
        from fuzzcopy.report.summary import markdown

        assert error is not None
        report = report_of(error)
        assert report is not None
        lines = [_first_line(error, report), *getattr(error, "__notes__", ())]
        directory = item.config.getoption("--fuzzcopy-report")
        if directory is not None:
            lines.append(_write_page(report, directory, item.nodeid))
        place = item.reportinfo()
        crash = Crash(str(place[0]), place[1] or 0, lines[0])
        result.longrepr = Told("\n".join(lines), crash)  # type: ignore[assignment]
        if os.environ.get(SUMMARY):
            result.fuzzcopy_markdown = markdown(report, item.name)  # type: ignore[attr-defined]
    return result


def _first_line(error: BaseException, report: Report) -> str:
    text = str(error)
    return text if isinstance(error, NotAsExpected) else f"{report.outcome.kind}: {text}"


def _write_page(report: Report, directory: Path, test: str) -> str:
    from fuzzcopy.report.html import write_page

    path = directory / (re.sub(r"[^a-zA-Z0-9]+", "-", test).strip("-") + ".html")
    try:
        directory.mkdir(parents=True, exist_ok=True)
        write_page(report, path)
    except OSError as error:
        return f"no page written: {error.strerror}: {path}; choose another --fuzzcopy-report"
    return f"page: {path}"


class Crash(NamedTuple):
    """Where and why a test failed: what pytest's summary and JUnit say in one line."""

    path: str
    lineno: int
    message: str


class Told:
    """A failure as text; pytest prints it and asks for its one line."""

    def __init__(self, text: str, crash: Crash) -> None:
        self.text = text
        self.reprcrash = crash

    def __str__(self) -> str:
        return self.text

    def toterminal(self, tw: object) -> None:
        """Print the text on pytest's terminal."""
        line = getattr(tw, "line")  # noqa: B009  (pytest does not export the terminal's type)
        for text in self.text.splitlines():
            line(text)


class JobSummary:
    """Appends the failures to the file that a CI service shows as a job's summary."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._told: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep what a failure has to say; it may come from another process."""
        text = getattr(report, "fuzzcopy_markdown", None)
        if text is not None:
            self._told.append(text)

    def pytest_sessionfinish(self) -> None:
        """Write it. That a summary cannot be written is no reason to fail."""
        if not self._told:
            return
        count = len(self._told)
        head = f"### fuzzcopy: {count} failure{'' if count == 1 else 's'}\n\n"
        rest = f"\nand {count - MOST} more\n" if count > MOST else ""
        try:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(head + "\n".join(self._told[:MOST]) + rest)
        except OSError:
            return


class RegressionFile(pytest.File):
    """One regression file: one test."""

    def collect(self) -> Iterator[pytest.Item]:
        """The file's one item, called by the verdict; the file is judged when the item runs."""
        yield RegressionItem.from_parent(self, name=_verdict(self.path))


def _verdict(path: Path) -> str:
    """The verdict that a file names, if it looks like one."""
    try:
        with path.open("rb") as file:
            verdict = json.loads(file.read(1 << 20))["verdict"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return "replay"
    return verdict if re.fullmatch(r"[a-z][a-z -]{0,79}", str(verdict)) else "replay"


class NotAsExpected(Exception):
    """A replay did not end as its file expects."""

    def __init__(self, path: Path, result: Replayed, instead: str) -> None:
        super().__init__(f"{path.name}: {result}{instead}")


class RegressionItem(pytest.Item):
    """Replays its file's scenario on its file's kernel."""

    def runtest(self) -> None:
        """Fail unless the replay is as the file expects."""
        from fuzzcopy.regression import kernel_of, load, replay, unexpected

        regression = load(self.path)
        kernel = kernel_of(regression.kernel, root=self.config.rootpath)
        result = replay(kernel, regression)
        if not result.expected:
            raise _not_as_expected(self.path, kernel, result, unexpected(result, regression))

    def repr_failure(
        self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None
    ) -> str:
        """One line for a file that cannot be used."""
        from fuzzcopy.regression import KernelError, RegressionError

        error = excinfo.value
        if isinstance(error, KernelError):
            return f"{self.path}: {error}"
        if isinstance(error, RegressionError | NotAsExpected):
            return str(error)
        return str(super().repr_failure(excinfo))

    def reportinfo(self) -> tuple[Path, None, str]:
        """File and verdict: what the summary shows."""
        return self.path, None, f"replay {self.path.name}"


def _not_as_expected(
    path: Path, kernel: type[Kernel], result: Replayed, instead: str
) -> NotAsExpected:
    from fuzzcopy.regression import replay_command
    from fuzzcopy.report import Report, plain_timeline

    report = Report.of(kernel, result.outcome.scenario)
    error = NotAsExpected(path, result, instead)
    error.add_note(f"\n{plain_timeline(report)}\nreplay: {replay_command(kernel, path)}")
    report.attach_to(error)
    return error
