"""A failure in the terminal: headline, scenario, a column per task, verdict and why."""

from __future__ import annotations

import io
import textwrap
from collections import Counter
from collections.abc import Iterator
from itertools import zip_longest

from msgspec import UNSET
from rich.console import Console
from rich.text import Text

from fuzzcopy.counted import counted
from fuzzcopy.report.explain import explain
from fuzzcopy.report.film import Film
from fuzzcopy.report.fold import LEVELS, Line, folded, unfolded
from fuzzcopy.report.gutter import Gutter
from fuzzcopy.report.layout import laid_out
from fuzzcopy.report.report import Report
from fuzzcopy.report.why import Why, because, why
from fuzzcopy.runner import Outcome
from fuzzcopy.scenario import PipeRead, PipeWrite, Scenario, Splice

ROWS = 40
"""As many rows as a terminal can be trusted to have."""

BESIDE = 100
"""Two runs stand side by side if a line has room for so many characters."""


def headline(outcome: Outcome) -> str:
    """``deadlock on sleeping-copy: 1 CPU, 1 operation, 0 preemptions``."""
    others = len(outcome.scenario.schedule) - outcome.preemptions
    counts = [
        (len(outcome.scenario.cpus), "CPU"),
        (outcome.scenario.operations, "operation"),
        (outcome.preemptions, "preemption"),
    ]
    if others:
        counts.append((others, "other deviation"))
    size = ", ".join(counted(n, word) for n, word in counts)
    size += "".join(f", {name}" for name in outcome.scenario.actors.rounds())
    what = outcome.kind or ("undecided" if outcome.problem else "nothing wrong")
    return f"{what} on {outcome.kernel}: {size}"


def print_report(
    console: Console, report: Report, *, everything: bool = False, compare: bool = False
) -> None:
    """Print the report; folded, unless ``everything``, until it fits :data:`ROWS` rows.

    With ``compare``, the nearest run that passes follows, beside the failing one.
    """
    width = console.width
    near = why(report)
    head = [Text(headline(report.outcome), style="bold")]
    head += [Text(f"  {text}") for text in scenario_lines(report.outcome.scenario)]
    tail = _ending(report, near, width)
    if everything:
        table = _table(report, unfolded(report.film), width)
    else:
        for lines, brief in _coarser_and_coarser(report.film):
            table = _table(report, lines, width)
            tail = _ending(report, near, width, brief=brief)
            if sum(len(text.wrap(console, width)) for text in [*head, *table, *tail]) <= ROWS:
                break
    for text in [*head, *table, *tail]:
        # Rows are laid out for the width; a sentence is not, and elsewhere than on a terminal it
        # is one line, to be searched for.
        console.print(text, soft_wrap=not console.is_terminal)
    if compare and near is not None:
        for text in side_by_side(report, near, width):
            console.print(text)


def _coarser_and_coarser(film: Film) -> Iterator[tuple[list[Line], bool]]:
    """The timeline in less and less detail, at last without its middle; and whether to be brief."""
    lines: list[Line] = []
    for number, level in enumerate(LEVELS):
        lines = folded(film, level)
        yield lines, number > len(LEVELS) // 2
    for kept in range(len(lines) - 2, 3, -1):
        first = kept // 3
        left_out = lines[first : len(lines) - kept + first]
        low, high = left_out[0].low, left_out[-1].high
        gap = Line(low, high, "", "", [f"{len(left_out)} rows left out (--all)"], [])
        gap.locks = left_out[-1].locks
        yield [*lines[:first], gap, *lines[len(lines) - kept + first :]], True


def plain_timeline(report: Report, *, width: int = 100) -> str:
    """The same report as plain text."""
    console = Console(file=io.StringIO(), width=width, color_system=None, highlight=False)
    print_report(console, report)
    assert isinstance(console.file, io.StringIO)
    return "\n".join(line.rstrip() for line in console.file.getvalue().splitlines())


def scenario_lines(scenario: Scenario) -> list[str]:
    """What there is before the first step: files, mappings, and what may go wrong by itself."""
    lines = []
    for f, file in enumerate(scenario.files):
        states = ", ".join(file.pages) or "nothing cached"
        if any(state != "written" for state in file.extents):
            states += f"; on the disk: {', '.join(file.extents)}"
        lines.append(f"f{f}: {file.size} bytes ({states})")
    for s, space in enumerate(scenario.spaces):
        for m in space.mappings:
            what = "anonymous" if m.file is None else f"f{m.file} from page {m.first}"
            words = [
                "shared" if m.shared else "private",
                "writable" if m.writable else "read-only",
                "present" if m.present else "not faulted in",
            ]
            lines.append(
                f"mm{s} m{m.slot}: {counted(m.pages, 'page')} of {what} ({', '.join(words)})"
            )
    if len(scenario.spaces) > 1:
        lines.append(", ".join(f"cpu{i} in mm{cpu.space}" for i, cpu in enumerate(scenario.cpus)))
    if warm := [f"cpu{i}" for i, cpu in enumerate(scenario.cpus) if cpu.warm]:
        lines.append(f"TLB full from before: {', '.join(warm)}")
    for s, slot, offset in scenario.faults.poison:
        lines.append(f"mm{s} m{slot}+{offset} faults although it is mapped")
    for (kind, f, page), times in Counter(scenario.faults.errors).items():
        first = f"the first {times} {kind}s" if times > 1 else f"the first {kind}"
        lines.append(f"{first} of f{f}:{page} fail{'' if times > 1 else 's'}")
    operations = [op for cpu in scenario.cpus for op in cpu.program]
    if any(isinstance(op, PipeRead | PipeWrite | Splice) for op in operations):
        pipe = scenario.pipe
        lines.append(f"pipe: {counted(pipe.slots, 'slot')}, {pipe.filled} full")
    for name, rounds in scenario.actors.rounds().items():
        lines.append(f"{name}: {counted(rounds, 'round')}")
    if scenario.orders is not UNSET:
        lines.append(f"lock order of {scenario.orders}")
    return lines


def _table(report: Report, lines: list[Line], width: int) -> list[Text]:
    names = report.tasks
    gutter = Gutter(report.film, lines, names)
    legend = [Text(row, style="cyan") for row in _hanging(gutter.legend, width)]
    return legend + laid_out(lines, names, gutter, width)


def side_by_side(report: Report, near: Why, width: int) -> list[Text]:
    """From where they part: on the left the run that fails, on the right the one that passes.

    One after the other where there is no room for both.
    """
    beside = width >= BESIDE
    half = (width - 3) // 2 if beside else width
    films = report.film, near.passing.film
    left, right = (
        _table(report, folded(film, LEVELS[-2], since=near.parted), half) for film in films
    )
    verdict = report.outcome.kind or ""
    fails = Text(f"fails: {verdict}", style="bold red")
    left = [fails, *left, Text("fails here", style="bold red")]
    passes = Text("passes", style="bold green")
    right = [passes, *right, Text("nothing wrong", style="bold green")]
    if not beside:
        return [*left, Text(), *right]
    rows = []
    for one, other in zip_longest(left, right, fillvalue=Text("")):
        row = one.copy()
        row.truncate(half, pad=True)
        row.append(" | ", style="dim")
        row.append_text(other)
        row.rstrip()
        rows.append(row)
    return rows


def _ending(report: Report, near: Why | None, width: int, *, brief: bool = False) -> list[Text]:
    outcome = report.outcome
    if outcome.verdict is None:
        return [Text(str(outcome.problem or "nothing wrong"), style="bold")]
    verdict = Text.assemble((outcome.verdict.kind, "bold red"), ": ", str(outcome.verdict))
    said = [*explain(report, brief=brief), because(report, near)]
    rows = [row for text in said for row in _hanging(text, width)]
    return [verdict, *map(Text, rows)]


def _hanging(text: str, width: int) -> list[str]:
    """``text`` indented by two, what does not fit by two more than itself."""
    inner = text.lstrip()
    indent = " " * (2 + len(text) - len(inner))
    return textwrap.wrap(
        inner,
        width,
        initial_indent=indent,
        subsequent_indent=indent + "  ",
        break_on_hyphens=False,
    )
