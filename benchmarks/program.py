"""What a plain program is: a few tasks on ``fuzzcopy.sched``, with a known bug and its mend."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from fuzzcopy.sched import Scheduler

T = TypeVar("T")

Async = Coroutine[Any, Any, T]
"""What calling an async function gives: ``Callable[[X], Async[T]]`` is an async function."""

Setup = Callable[[Scheduler], object]
"""Makes the shared state and spawns the tasks; called anew for every run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A program that goes wrong under some schedules, and its twin that never does.

    ``tasks`` is n. ``points`` is k, the most preemption points that a run of ``buggy`` passes.
    ``depth`` counts the ordering constraints that a schedule must meet to hit the bug, as the
    PCT paper does: ``depth - 1`` change points suffice. ``verdict`` is the kind of verdict that
    it then ends in.
    """

    buggy: Setup
    correct: Setup
    tasks: int
    points: int
    depth: int
    verdict: Literal["crash", "deadlock"]


async def other_work(scheduler: Scheduler, points: int) -> None:
    """Something that has nothing to do with the bug: ``points`` preemption points of it."""
    for _ in range(points):
        await scheduler.point("work")
