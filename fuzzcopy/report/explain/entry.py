"""The life of a stale TLB entry: filled, cleared, not flushed, used."""

from __future__ import annotations

from collections.abc import Sequence

from fuzzcopy.oracles.evidence import StaleEntry
from fuzzcopy.report.explain.places import who_at
from fuzzcopy.report.film import Film
from fuzzcopy.report.moment import Translation


def life_of_entry(film: Film, evidence: StaleEntry) -> list[str]:
    """What happened to the translation and to the page-table entry it came from."""
    cpu = evidence.cpu
    place = f"{evidence.table}:{evidence.vpn:#x}"
    events = [t for t in film.translations if t.place == place]
    fills = [i for i, t in enumerate(events) if t.verb == "filled" and t.who == cpu]
    if not fills:
        return [f"{cpu} had {place} in its TLB from the beginning"]
    filled = events[fills[-1]]
    lines = [f"filled:  {cpu} caches {place} -> {filled.text} ({who_at(film, filled.at)})"]
    gone = next(
        (i for i, t in enumerate(events) if i > fills[-1] and t.verb in ("cleared", "set")), None
    )
    if gone is None:
        # It was filled from an entry that is older than the run, or had been cleared before.
        earlier = [i for i in range(fills[-1]) if events[i].verb == "cleared"]
        if not earlier:
            return lines
        gone = earlier[-1]
    verb = "cleared" if events[gone].verb == "cleared" else "changed"
    lines.append(f"{verb}: by {events[gone].who} ({who_at(film, events[gone].at)})")
    lines += _flushes(film, events, gone, cpu)
    used = [t for t in events[gone:] if t.verb == "used" and t.who == cpu]
    lines += [f"used:    by {t.who} at step {t.at} {t.text}" for t in used[:2]]
    return lines


def _flushes(film: Film, events: Sequence[Translation], gone: int, cpu: str) -> list[str]:
    begun = [i for i, t in enumerate(events) if t.verb == "begun"]
    before = [events[i] for i in begun if i < gone]
    after = [i for i in begun if i > gone]
    lines = []
    for i in after[:2]:
        t = events[i]
        done = any(d.verb == "done" and d.who == t.who for d in events[i:])
        state = f"has not reached {cpu}" if done else "is not over yet"
        lines.append(f"flushed: by {t.who} ({who_at(film, t.at)}), which {state}")
    if after:
        return lines
    if before:
        t = before[-1]
        lines.append(f"flushed: by {t.who} ({who_at(film, t.at)}), before that: too early")
    owes = events[gone]
    lines.append(f"missing: a flush of {owes.place} by {owes.who} after step {owes.at}")
    return lines
