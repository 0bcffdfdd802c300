"""How silent the correct kernel is, and how much that silence is worth."""

from __future__ import annotations

import ast
import inspect
import json
import multiprocessing
import os
import sys
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

import fuzzcopy.kernel
from benchmarks.errors import Unusable
from fuzzcopy.fuzz import Fuzzer
from fuzzcopy.kernel import Kernel
from fuzzcopy.kernel import Path as KernelPath
from fuzzcopy.oracles import ALL
from fuzzcopy.report import Report as Story
from fuzzcopy.report import headline, plain_timeline
from fuzzcopy.report.census import Counts, census

ROUND = 100
"""Programs per campaign: each has a seed of its own, so that rounds can run side by side."""

TOGETHER = 8
"""Campaigns handed out at a time: about 10,000 schedules."""

Lines = dict[str, set[int]]
"""Line numbers by file name."""


@dataclass
class Report:
    """What some rounds came to. ``ran``: the kernel's lines reached in ``covered`` schedules."""

    programs: int = 0
    schedules: int = 0
    steps: int = 0
    undecided: int = 0
    covered: int = 0
    counts: Counts = field(default_factory=Counter)
    ran: Lines = field(default_factory=lambda: defaultdict(set))
    failure: str | None = None
    timeline: str = ""

    def add(self, other: Report) -> None:
        """Count another one in."""
        for name in ("programs", "schedules", "steps", "undecided", "covered"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.counts.update(other.counts)
        for file, lines in other.ran.items():
            self.ran[file] |= lines
        self.failure = self.failure or other.failure
        self.timeline = self.timeline or other.timeline


@click.command()
@click.option("--schedules", type=click.IntRange(min=1), default=20_000, show_default=True)
@click.option(
    "--covered",
    type=click.IntRange(min=0),
    default=10_000,
    show_default=True,
    help="Schedules that are also watched line by line, which is slow.",
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--jobs", type=click.IntRange(min=1), default=os.cpu_count() or 1, show_default=True)
def reference(schedules: int, covered: int, seed: int, jobs: int) -> None:
    """Search the correct kernel; say whether all judges stayed silent, and what really happened."""
    begun = time.monotonic()
    if covered:
        _coverage()
    total = Report()
    number = count(seed * 1_000_000)
    with multiprocessing.Pool(jobs) as pool:
        while total.failure is None and total.schedules < schedules:
            # A few at a time, the same ones however many work on them.
            work = [(next(number), total.covered < covered) for _ in range(TOGETHER)]
            for report in pool.imap(_round, work):
                total.add(report)
    never = _never_ran(total.ran) if total.covered else {}
    _print(total, never)
    print(
        json.dumps(
            {
                "benchmark": "reference",
                "silent": total.failure is None,
                "failure": total.failure,
                "seed": seed,
                "seconds": round(time.monotonic() - begun, 1),
                "programs": total.programs,
                "schedules": total.schedules,
                "steps": total.steps,
                "undecided": total.undecided,
                "covered": total.covered,
                "counts": _nested(total.counts),
                "never_ran": never,
            }
        )
    )
    sys.exit(total.failure is not None)


def _coverage() -> type:
    try:
        from coverage import Coverage
    except ModuleNotFoundError as error:
        raise Unusable(
            "coverage is missing: pip install coverage, or look at no lines with --covered 0"
        ) from error
    return Coverage


def _round(job: tuple[int, bool]) -> Report:
    seed, covered = job
    report = Report()
    fuzzer = Fuzzer(Kernel, seed=seed, oracles=(*ALL, census(report.counts)))
    if covered:
        folder = Path(fuzzcopy.kernel.__file__).parent
        cover = _coverage()(data_file=None, include=[f"{folder}/*"], config_file=False)
        with cover.collect():
            campaign = fuzzer.run(examples=ROUND)
        data = cover.get_data()
        for file in data.measured_files():
            report.ran[file] = set(data.lines(file) or ())
        report.covered = campaign.schedules
    else:
        campaign = fuzzer.run(examples=ROUND)
    report.programs = campaign.examples
    report.schedules = campaign.schedules
    report.steps = campaign.steps
    report.undecided = campaign.undecided
    if campaign.outcome is not None:
        report.failure = f"{headline(campaign.outcome)} (seed {seed})"
        report.timeline = plain_timeline(Story.of(Kernel, campaign.outcome.scenario))
    elif campaign.problem is not None:
        report.failure = f"{campaign.problem} (seed {seed})"
    return report


def _never_ran(ran: Lines) -> dict[str, list[int]]:
    """The lines inside the functions of the reference kernel that were never reached."""
    never = {}
    folder = Path(fuzzcopy.kernel.__file__).parent
    for path in sorted(folder.glob("*.py")):
        if not _used(path.stem):
            continue
        missing = sorted(_statements(path) - ran.get(str(path), set()))
        if missing:
            never[path.name] = missing
    return never


def _used(module: str) -> bool:
    """Whether a module is a part of the reference kernel: a path that it does not take is none."""
    inside = vars(sys.modules.get(f"fuzzcopy.kernel.{module}", fuzzcopy.kernel))
    paths = [
        value
        for value in inside.values()
        if inspect.isclass(value)
        and issubclass(value, KernelPath)
        and value.__module__ == f"fuzzcopy.kernel.{module}"
        and value is not KernelPath
    ]
    mine = [value for name, value in vars(Kernel).items() if name.endswith("_path")]
    return not paths or any(issubclass(used, path) for path in paths for used in mine)


_NAMING = ("__str__", "__init_subclass__")
"""Methods that are for reports and for the catalogue: a run calls none of them."""


def _statements(path: Path) -> set[int]:
    """The first lines of the statements inside functions, without docstrings."""
    lines = set()
    for function in ast.walk(ast.parse(path.read_text("utf-8"))):
        if (
            isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
            and function.name not in _NAMING
        ):
            for statement in function.body:
                for node in ast.walk(statement):
                    if isinstance(node, ast.stmt) and not _silent(node):
                        lines.add(node.lineno)
    return lines


def _silent(node: ast.stmt) -> bool:
    """Whether a statement leaves no trace: a docstring, a declaration, the head of a function."""
    return (
        (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        or (isinstance(node, ast.AnnAssign) and node.value is None)
        or isinstance(node, ast.Nonlocal | ast.Global)
    )


def _nested(counts: Counts) -> dict[str, dict[str, int]]:
    nested: dict[str, dict[str, int]] = {}
    for (group, what), number in sorted(counts.items()):
        nested.setdefault(group, {})[what] = number
    return nested


def _print(total: Report, never: dict[str, list[int]]) -> None:
    """The same for a reader, on stderr."""
    console = Console(width=120, stderr=True, highlight=False)
    table = Table(box=None, header_style="bold")
    for column, justify in (("", "left"), ("what happened", "left"), ("times", "right")):
        table.add_column(column, justify=justify)  # type: ignore[arg-type]
    for group, what in _nested(total.counts).items():
        for i, (name, number) in enumerate(what.items()):
            table.add_row(group if i == 0 else "", name, f"{number:,}")
    console.print(table)
    if total.covered:
        console.print(f"\nlines of the kernel that never ran in {total.covered:,} schedules:")
        for file, lines in never.items():
            console.print(f"  {file}: {', '.join(map(str, lines))}", soft_wrap=True)
        if not never:
            console.print("  none")
    if total.failure is not None:
        console.print(f"\nNOT SILENT: {total.failure}\n{total.timeline}", markup=False)
    else:
        console.print(
            f"\nsilent: {total.schedules:,} schedules of {total.programs:,} programs, "
            f"{total.undecided:,} undecided"
        )
