"""SCTBench deadlock01: two locks in opposite orders, nothing else. n = 2, k = 6, depth 2.

The first task takes a then b, the second b then a, each to change a counter: deadlock, if each
has its first lock before either has its second. The correct twin takes a first in both.
Published as n/k = 3/11, with the main thread.
"""

from __future__ import annotations

from benchmarks.program import Program
from fuzzcopy.sched import Cell, Mutex, Scheduler


class Shared:
    """Two locks and the counter that needs both."""

    def __init__(self, scheduler: Scheduler) -> None:
        self.a = Mutex(scheduler, "mutex", "a")
        self.b = Mutex(scheduler, "mutex", "b")
        self.counter = Cell(scheduler, "counter", 0)


async def count(shared: Shared, first: Mutex, second: Mutex, step: int) -> None:
    """Add ``step`` to the counter under both locks."""
    async with first, second:
        await shared.counter.update(lambda value: value + step)


def buggy(scheduler: Scheduler) -> None:
    """Opposite orders."""
    shared = Shared(scheduler)
    scheduler.spawn(count, shared, shared.a, shared.b, +1, name="first")
    scheduler.spawn(count, shared, shared.b, shared.a, -1, name="second")


def correct(scheduler: Scheduler) -> None:
    """The same order."""
    shared = Shared(scheduler)
    scheduler.spawn(count, shared, shared.a, shared.b, +1, name="first")
    scheduler.spawn(count, shared, shared.a, shared.b, -1, name="second")


PROGRAM = Program(buggy=buggy, correct=correct, tasks=2, points=6, depth=2, verdict="deadlock")
