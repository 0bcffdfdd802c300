r"""A log with vector clocks, as ShiViz reads it: what came before what, and what did not.

One step comes before another if both touch the same thing and one of them changes it, or if the
same task takes both. Parse it with ``(?<event>.*)\n(?<host>\S*) (?<clock>{.*})``.
"""

from __future__ import annotations

import json

from fuzzcopy.report.report import Report

Clock = dict[str, int]

_HARDWARE = "hardware"


def shiviz(report: Report) -> str:
    """Two lines per step: what it is, and whose it is with its vector clock."""
    clocks: dict[str, Clock] = {}
    written: dict[str, Clock] = {}
    read: dict[str, Clock] = {}
    lines = []
    for row, moment in zip(report.film.rows, report.film.moments, strict=True):
        host = row.who or _HARDWARE
        clock = clocks.setdefault(host, {})
        changed = [f"{kind} {name}" for (kind, name), _, _ in moment.changes]
        touched = [moment.obj] if moment.kind == "step" else []
        writes = [*changed, *(touched if row.write else [])]
        for thing in [*touched, *changed]:
            _merge(clock, written.get(thing, {}))
        for thing in writes:
            _merge(clock, read.get(thing, {}))
        clock[host] = clock.get(host, 0) + 1
        for thing in writes:
            written[thing] = dict(clock)
        for thing in touched:
            _merge(read.setdefault(thing, {}), clock)
        lines += [f"{row.number} {row.what}", f"{host} {json.dumps(clock)}"]
    return "\n".join(lines) + "\n"


def _merge(clock: Clock, other: Clock) -> None:
    for host, count in other.items():
        clock[host] = max(clock.get(host, 0), count)
