"""Errors as one line."""

from __future__ import annotations

LONGEST = 300


def one_line(error: BaseException) -> str:
    """What ``error`` says, fit for a terminal: it may quote a file, which may hold anything."""
    text = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in str(error))
    return text if len(text) <= LONGEST else text[:LONGEST] + "..."
