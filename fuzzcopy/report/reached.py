"""How much of the path under test a search came by: lines and branches that no schedule reached.

Needs coverage.py (``pip install 'fuzzcopy[coverage]'``).
"""

from __future__ import annotations

import inspect
import json
import linecache
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FunctionType
from typing import TYPE_CHECKING, NamedTuple, Self

from fuzzcopy.kernel import Kernel
from fuzzcopy.report.paths import short_paths
from fuzzcopy.runner.paths import Paths

if TYPE_CHECKING:
    from coverage import Coverage


class Branch(NamedTuple):
    """A jump from a line to another one; ``to`` is negative if it leaves the function."""

    at: int
    to: int


class Unreached(NamedTuple):
    """What nobody came by in one function of the path."""

    name: str
    file: str
    lines: list[int]
    branches: list[Branch]
    entered: bool


class Reached:
    """``with Reached(kernel) as reached:`` watches; afterwards it can be asked.

    Watched are the functions of the paths that the kernel swaps, with what they inherit; of all
    paths for the reference kernel, which swaps none. Raises ``ImportError`` without coverage.py.
    """

    def __init__(self, kernel: type[Kernel]) -> None:
        from coverage import Coverage

        paths = Paths(kernel)
        self._functions = list(paths.under_test())
        files = sorted({function.__code__.co_filename for _, function in self._functions})
        self._coverage: Coverage = Coverage(
            branch=True, data_file=None, config_file=False, include=files
        )
        self._found: list[Unreached] = []
        self.lines = 0
        self.branches = 0

    def __enter__(self) -> Self:
        self._coverage.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._coverage.stop()
        measured = self._measured()
        for name, function in self._functions:
            self._found += self._judged(name, function, measured)

    def unreached(self) -> list[Unreached]:
        """The functions in which something was not reached."""
        return [one for one in self._found if one.lines or one.branches]

    @property
    def lines_missed(self) -> int:
        """Lines that were not reached, of :attr:`lines`."""
        return sum(len(one.lines) for one in self._found)

    @property
    def branches_missed(self) -> int:
        """Branches that were not taken, of :attr:`branches`."""
        return sum(len(one.branches) for one in self._found)

    def _measured(self) -> dict[Path, dict[str, list[object]]]:
        from coverage.exceptions import NoDataError

        with TemporaryDirectory() as folder:
            report = Path(folder) / "coverage.json"
            try:
                self._coverage.json_report(outfile=str(report), ignore_errors=True)
            except NoDataError:
                return {}
            files = json.loads(report.read_text("utf-8"))["files"]
        return {Path(name).resolve(): data for name, data in files.items()}

    def _judged(
        self, name: str, function: FunctionType, measured: dict[Path, dict[str, list[object]]]
    ) -> Iterator[Unreached]:
        code = function.__code__
        source, first = inspect.getsourcelines(function)
        # Its first line was run when the class was made, long before anybody watched.
        inside = range(first + 1, first + len(source))
        own = {line for _, _, line in code.co_lines() if line is not None and line in inside}
        data = measured.get(Path(code.co_filename).resolve(), {})
        executed = _inside(data.get("executed_lines", []), own)
        missing = _inside(data.get("missing_lines", []), own)
        if not executed and not missing:
            missing = sorted(own)
        untaken = _branches(data.get("missing_branches", []), executed)
        self.lines += len(executed) + len(missing)
        self.branches += len(untaken) + len(_branches(data.get("executed_branches", []), executed))
        file = short_paths(code.co_filename)
        yield Unreached(name, file, missing, untaken, bool(executed))


def unreached_lines(reached: Reached) -> list[str]:
    """For a person: how much was reached, and line by line what was not."""
    reached_lines = reached.lines - reached.lines_missed
    taken = reached.branches - reached.branches_missed
    said = [
        f"coverage of the path under test: {reached_lines} of {reached.lines} lines, "
        f"{taken} of {reached.branches} branches"
    ]
    for one in reached.unreached():
        if not one.entered:
            said.append(f"  {one.file}:{one.lines[0]} {one.name}: never entered")
            continue
        said += [
            f"  {one.file}:{line} {one.name}: not reached: {_text(one.file, line)}"
            for line in one.lines
        ]
        for at, to in one.branches:
            if to not in one.lines:  # else that has been said
                where = "the end of the function" if to < 0 else f"line {to}"
                said.append(
                    f"  {one.file}:{at} {one.name}: never on to {where}: {_text(one.file, at)}"
                )
    return said


def unreached_data(reached: Reached) -> dict[str, object]:
    """The same for a program."""
    return {
        "lines": reached.lines,
        "lines_missed": reached.lines_missed,
        "branches": reached.branches,
        "branches_missed": reached.branches_missed,
        "unreached": [one._asdict() for one in reached.unreached()],
    }


def _inside(lines: list[object], own: set[int]) -> list[int]:
    return sorted(line for line in lines if isinstance(line, int) and line in own)


def _branches(pairs: list[object], executed: list[int]) -> list[Branch]:
    """Those that leave a line that was executed: the others are no news."""
    branches = [Branch(*pair) for pair in pairs if isinstance(pair, list)]
    return [branch for branch in branches if branch.at in executed]


def _text(file: str, line: int) -> str:
    path = Path(file)
    if not path.exists():
        path = Path(__file__).parents[2] / file
    return linecache.getline(str(path), line).strip()
