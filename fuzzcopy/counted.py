"""A number and what it counts."""

from __future__ import annotations


def counted(number: int, word: str) -> str:
    """``1 schedule``, ``2,000 schedules``."""
    return f"{number:,} {word}{'' if number == 1 else 's'}"
