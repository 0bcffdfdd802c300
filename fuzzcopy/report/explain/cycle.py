"""A deadlock's wait-for cycle, drawn."""

from __future__ import annotations

from fuzzcopy.report.explain.places import who_at
from fuzzcopy.report.film import Film
from fuzzcopy.report.paths import short_paths
from fuzzcopy.sched import Deadlock
from fuzzcopy.sched.waitgraph import Wait


def cycle(film: Film, verdict: Deadlock) -> list[str]:
    """Each task with what it waits for, and below it who has that, and since when."""
    lines: list[str] = []
    for wait in verdict.waits:
        lines.append(f"{wait.task} waits for {wait.resource} ({_waits_at(film, wait.task)})")
        if wait.holder:
            lines.append(f"  which {wait.holder} has, {_held_since(film, wait)}")
    if not verdict.cycle or not lines:
        return lines
    bars = ["+-> ", *["|   "] * (len(lines) - 2), "+-- "]
    return [bar + line for bar, line in zip(bars, lines, strict=True)]


def _waits_at(film: Film, task: str) -> str:
    for at in range(len(film.rows) - 1, -1, -1):
        if film.rows[at].who == task and film.moments[at].kind == "wait":
            return who_at(film, at)
    return "from the beginning"


def _held_since(film: Film, wait: Wait) -> str:
    since = "for ever"
    for at, moment in enumerate(film.moments):
        for (kind, name), old, new in moment.changes:
            had, has = (wait.holder in str(value or "").split() for value in (old, new))
            if kind == "lock" and name.rstrip("'") == wait.resource and has and not had:
                since = f"taken at step {at}, {short_paths(wait.taken_at)}"
            off = kind == "cpu" and "interrupts off" in str(new or "")
            if off and name == wait.holder and not wait.taken_at:
                since = f"with interrupts off since {who_at(film, at)}"
    return since
