"""What is left over at the end: who counted a page up, who took a lock."""

from __future__ import annotations

from collections.abc import Sequence

from fuzzcopy.oracles.evidence import BadCount, HeldLock
from fuzzcopy.report.explain.places import who_at
from fuzzcopy.report.film import Film
from fuzzcopy.report.moment import Count
from fuzzcopy.report.reel import COUNTS


def life_of_count(film: Film, evidence: BadCount, most: int) -> list[str]:
    """How the count of the page came to be what it is; at ``most`` so many changes of it."""
    number = film.pages.get(evidence.frame)
    counts = [c for c in film.counts if (c.page, c.what) == (number, evidence.what)]
    changes = [c for c in counts if c.at >= 0]
    start = sum(c.value for c in counts if c.at < 0)
    told = changes if len(changes) <= most else _staying(film, start, changes)[-most:]
    lines = [f"{COUNTS[evidence.what]}: {start} at first"]
    return lines + [f"  {c.value} by {_who(film, c)} ({who_at(film, c.at)})" for c in told]


def life_of_lock(film: Film, evidence: HeldLock) -> list[str]:
    """Where the lock was taken that is still held."""
    for at in range(len(film.moments) - 1, -1, -1):
        for (kind, name), _, new in film.moments[at].changes:
            # A page that is new at an old one's place has a lock of the same name.
            if kind == "lock" and name.rstrip("'") == evidence.lock and new is not None:
                return [f"taken: by {new} ({who_at(film, at)})"]
    return []


def _who(film: Film, change: Count) -> str:
    row = film.rows[change.at]
    return row.who or row.what


def _staying(film: Film, start: int, changes: Sequence[Count]) -> list[Count]:
    """The increments that were not undone: by who did them, or else the last one by anybody."""
    staying: list[Count] = []
    before = start
    for change in changes:
        if change.value > before:
            staying.append(change)
        elif staying:
            who = _who(film, change)
            mine = [i for i, c in enumerate(staying) if _who(film, c) == who]
            del staying[mine[-1] if mine else -1]
        before = change.value
    return staying
