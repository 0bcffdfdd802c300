"""A crash: the kernel's calls that led to it."""

from __future__ import annotations

import traceback
from pathlib import Path

from fuzzcopy.report.paths import short_paths

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
    for frame in frames:
        place = short_paths(f"{frame.filename}:{frame.lineno}")
        lines.append(f"{place} ({frame.name}): {frame.line}")
    lines += [line.rstrip() for line in traceback.format_exception_only(error)]
    return lines
