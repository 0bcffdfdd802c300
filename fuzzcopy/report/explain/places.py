"""Places in the code, said briefly."""

from __future__ import annotations

from fuzzcopy.report.film import Film
from fuzzcopy.report.paths import short_paths


def code_at(film: Film, at: int) -> str:
    """``cpu0 at step 12 in write.copy > copy.from_user, file:line``, or what else happened."""
    row, moment = film.rows[at], film.moments[at]
    who = row.who or "the hardware"
    if not moment.stack:
        return f"{who} at step {at}: {row.what}"
    code, line = moment.stack[-1]
    names = [film.paths.name(code) for code, _ in moment.stack[-2:]]
    return f"{who} at step {at} in {' > '.join(names)}, {short_paths(code.co_filename)}:{line}"


def who_at(film: Film, at: int) -> str:
    """``step 12, unmap.clear, file:line``."""
    moment = film.moments[at]
    if not moment.stack:
        return f"step {at}"
    code, line = moment.stack[-1]
    return f"step {at}, {film.paths.name(code)}, {short_paths(code.co_filename)}:{line}"


def when(film: Film, at: int) -> str:
    """``step 12, unmap.clear``."""
    stack = film.moments[at].stack
    return f"step {at}, {film.paths.name(stack[-1][0])}" if stack else f"step {at}"
