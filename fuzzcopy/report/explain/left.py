"""What is left over at the end: who counted a page up, who took a lock."""

from __future__ import annotations

from collections.abc import Sequence

from fuzzcopy.oracles.evidence import BadCount, HeldLock
from fuzzcopy.report.explain.places import who_at
from fuzzcopy.report.facts import Value
from fuzzcopy.report.film import Film
from fuzzcopy.report.moment import Count
from fuzzcopy.report.reel import COUNTS


def life_of_count(film: Film, evidence: BadCount, most: int) -> list[str]:
    """How the count of the page came to be what it is; at ``most`` so many changes of it."""
    number = film.pages.get(evidence.frame)
    counts = [c for c in film.counts if (c.page, c.what) == (number, evidence.what)]
    if evidence.what == "refs" and (not counts or counts[-1].value == 0):
        return _allocated(film, evidence.frame)  # no page ever had it, or none has it any more
    changes = [c for c in counts if c.at >= 0]
    start = sum(c.value for c in counts if c.at < 0)
    told = changes if len(changes) <= most else _staying(film, start, changes)[-most:]
    lines = [f"{COUNTS[evidence.what]}: {start} at first"]
    return lines + [f"  {c.value} by {_who(film, c)} ({who_at(film, c.at)})" for c in told]


def _allocated(film: Film, frame: str) -> list[str]:
    for at in range(len(film.moments) - 1, -1, -1):
        for key, _, new in film.moments[at].changes:
            if key == ("frame", frame) and new == "just allocated":
                return [f"allocated: by {film.rows[at].who} ({who_at(film, at)})"]
    return []


def life_of_lock(film: Film, evidence: HeldLock) -> list[str]:
    """Where the lock was taken that is still held."""
    for key, holders in film.state(len(film.moments) - 1).items():
        kind, name = key
        # A page that is new at an old one's place has a lock of the same name.
        if kind != "lock" or name.rstrip("'") != evidence.lock:
            continue
        who = str(holders).split()[0]
        left = _times(holders, who)
        for at in range(len(film.moments) - 1, -1, -1):
            for changed, old, new in film.moments[at].changes:
                # Shared, it may be taken and given back meanwhile, also by who has it.
                if changed == key and _times(old, who) < left <= _times(new, who):
                    return [f"taken: by {new} ({who_at(film, at)})"]
    return []


def _times(holders: Value | None, who: str) -> int:
    return str(holders or "").split().count(who)


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
