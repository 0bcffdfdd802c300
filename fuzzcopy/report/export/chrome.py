"""Chrome's trace event format, which Perfetto opens. A step is a microsecond."""

from __future__ import annotations

import json
from collections.abc import Iterator

from fuzzcopy.report.facts import tell
from fuzzcopy.report.film import Film
from fuzzcopy.report.fold import mark, unfolded
from fuzzcopy.report.report import Report

_TASKS, _LOCKS = 1, 2

Event = dict[str, object]


def chrome_trace(report: Report) -> str:
    """A thread per task with its operations, path functions and steps, and one per lock."""
    film = report.film
    events: list[Event] = [
        _name("process_name", _TASKS, 0, "tasks"),
        _name("process_name", _LOCKS, 0, "locks"),
    ]
    threads = [*report.tasks, "hardware"]
    for tid, task in enumerate(threads):
        events.append(_name("thread_name", _TASKS, tid, task))
        events += _slices(film, tid, "" if task == "hardware" else task)
    events += _locks(film)
    if report.outcome.verdict is not None:
        end = len(film.rows)
        name = f"{report.outcome.kind}: {report.outcome.verdict}"
        events.append({"ph": "i", "s": "g", "pid": _TASKS, "tid": 0, "ts": end, "name": name})
    return json.dumps({"traceEvents": events, "displayTimeUnit": "ns"}) + "\n"


def _name(kind: str, pid: int, tid: int, name: str) -> Event:
    return {"ph": "M", "pid": pid, "tid": tid, "name": kind, "args": {"name": name}}


def _slice(pid: int, tid: int, start: int, end: int, name: str, **args: object) -> Event:
    return {
        "ph": "X", "pid": pid, "tid": tid, "ts": start, "dur": end - start, "name": name,
        "args": args,
    }  # fmt: skip


def _slices(film: Film, tid: int, task: str) -> Iterator[Event]:
    """A task's operations, inside them the path functions, inside those the steps."""
    open_calls: list[tuple[str, int]] = []
    operation = ("", 0)
    last = 0
    for at, (row, moment) in enumerate(zip(film.rows, film.moments, strict=True)):
        if row.who != task:
            continue
        last = at
        if moment.kind == "begin":
            operation = moment.obj, at
        calls = [film.paths.name(code) for code, _ in moment.stack]
        if moment.kind in ("step", "wait"):
            same = 0
            while same < min(len(calls), len(open_calls)) and open_calls[same][0] == calls[same]:
                same += 1
            for name, start in reversed(open_calls[same:]):
                yield _slice(_TASKS, tid, start, at, name)
            open_calls = [*open_calls[:same], *((name, at) for name in calls[same:])]
        elif moment.kind == "end":
            for name, start in reversed(open_calls):
                yield _slice(_TASKS, tid, start, at, name)
            open_calls = []
            yield _slice(_TASKS, tid, operation[1], at + 1, operation[0], returned=moment.obj)
            operation = ("", 0)
        changes = [text for text in (tell(c, film.origins) for c in moment.changes) if text]
        yield _slice(_TASKS, tid, at, at + 1, row.what, changed=[*changes, *moment.words])
        if mark(row):
            yield {"ph": "i", "s": "t", "pid": _TASKS, "tid": tid, "ts": at, "name": mark(row)}
    for name, start in reversed(open_calls):
        yield _slice(_TASKS, tid, start, last + 1, name)
    if operation[0]:
        yield _slice(_TASKS, tid, operation[1], last + 1, operation[0], returned=None)


def _locks(film: Film) -> Iterator[Event]:
    lines = unfolded(film)
    names = list(dict.fromkeys(name for line in lines for name in line.locks))
    for tid, name in enumerate(names):
        yield _name("thread_name", _LOCKS, tid, name)
        start, holder = 0, ""
        for at, line in enumerate([*lines, None]):
            now = line.locks.get(name, "") if line is not None else ""
            if now != holder:
                if holder:
                    yield _slice(_LOCKS, tid, start, at, holder)
                start, holder = at, now
