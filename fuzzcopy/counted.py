"""A number and what it counts, in words."""

from __future__ import annotations


def counted(number: int, word: str) -> str:
    """``1 schedule``, ``2,000 schedules``."""
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def sampled(schedules: int, programs: int) -> str:
    """``2,000 schedules of 1 program``."""
    return f"{counted(schedules, 'schedule')} of {counted(programs, 'program')}"
