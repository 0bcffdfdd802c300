"""A crash: the kernel's calls that led to it."""

from __future__ import annotations

import traceback
from itertools import groupby
from pathlib import Path

from fuzzcopy.counted import counted
from fuzzcopy.report.paths import short_paths
from fuzzcopy.sched.printable import printable

_PACKAGE = Path(__file__).parents[2]
_BELOW = tuple(str(_PACKAGE / name) for name in ("sched", "world", "runner"))
"""What runs a program, whoever wrote the kernel: not where to look for a mistake in it."""


def crashed(error: BaseException) -> list[str]:
    """The traceback from the system call on, a line per call, and what the error came from."""
    lines = []
    if error.__cause__ is not None:
        lines += [*crashed(error.__cause__), "from which came:"]
    frames = traceback.extract_tb(error.__traceback__)
    while frames and frames[0].filename.startswith(_BELOW):
        del frames[0]
    lines += _once_and_last([_call(frame) for frame in frames])
    lines += [line.rstrip() for line in traceback.format_exception_only(error)]
    return [printable(line, keep="\n\t") for line in lines]


def _call(frame: traceback.FrameSummary) -> str:
    place = short_paths(f"{frame.filename}:{frame.lineno}")
    return f"{place} ({frame.name}): {frame.line}"


def _once_and_last(calls: list[str]) -> list[str]:
    """``calls`` without what a recursion repeats: each is told where it is first and last."""
    last = {call: at for at, call in enumerate(calls)}
    first = {call: at for at, call in reversed([*enumerate(calls)])}
    told = {*first.values(), *last.values()}
    lines = []
    for is_told, run in groupby(range(len(calls)), told.__contains__):
        inner = [calls[at] for at in run]
        again = f"... {counted(len(inner), 'call')} left out, the same over and over"
        lines += inner if is_told else [again]
    return lines
