"""Errors as one line."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from fuzzcopy.sched.printable import printable

LONGEST = 300


def one_line(error: BaseException) -> str:
    """What ``error`` says, fit for a terminal: it may quote a file, which may hold anything."""
    text = printable(str(error))
    return text if len(text) <= LONGEST else text[:LONGEST] + "..."


def meant(name: str, known: Iterable[str]) -> str:
    """`` (is X meant?)`` if ``name`` is nearly a known one; nothing if it is not."""
    return "".join(f" (is {near} meant?)" for near in get_close_matches(name, list(known), n=1))
