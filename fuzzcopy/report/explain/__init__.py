"""Why the verdict: what the evidence points at, followed back through the film."""

from __future__ import annotations

from fuzzcopy.oracles.evidence import BadByte, BadCount, BadFrame, HeldLock, StaleEntry
from fuzzcopy.report.explain.byte import MOST, life_of_byte, life_of_frame
from fuzzcopy.report.explain.crash import crashed
from fuzzcopy.report.explain.cycle import cycle
from fuzzcopy.report.explain.entry import life_of_entry
from fuzzcopy.report.explain.left import life_of_count, life_of_lock
from fuzzcopy.report.explain.places import code_at
from fuzzcopy.report.report import Report
from fuzzcopy.sched import Crash, Deadlock


def explain(report: Report, *, brief: bool = False) -> list[str]:
    """Lines for a person, in the order of time; the last ones name the code."""
    verdict = report.outcome.verdict
    film = report.film
    lines: list[str] = []
    if isinstance(verdict, Deadlock):
        lines = cycle(film, verdict)
    elif isinstance(verdict, Crash) and verdict.__cause__ is not None:
        lines = crashed(verdict.__cause__)
    elif verdict is not None:
        evidence = verdict.evidence
        if isinstance(evidence, StaleEntry):
            lines = life_of_entry(film, evidence)
        elif isinstance(evidence, BadByte):
            lines = life_of_byte(film, evidence, 3 if brief else MOST)
        elif isinstance(evidence, BadFrame):
            lines = life_of_frame(film, evidence)
        elif isinstance(evidence, BadCount):
            lines = life_of_count(film, evidence, 3 if brief else MOST)
        elif isinstance(evidence, HeldLock):
            lines = life_of_lock(film, evidence)
        else:
            lines = [code_at(film, len(film.rows) - 1)]
    return [line for line in lines if line] + _swapped(report)


def _swapped(report: Report) -> list[str]:
    """The lines of the kernel under test that the run came by, where it leaves the reference."""
    return [
        f"swapped: {swap.file}:{swap.line} ({swap.name}, step {at}): {swap.text}"
        for at, _, swap in report.swaps()[-3:]
    ]
