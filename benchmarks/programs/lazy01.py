"""SCTBench lazy01: a sum that is larger than somebody thinks. n = 3, k = 6, depth 1.

Two tasks add 1 and 2 under a lock; a third believes that the sum stays below 3. It does, unless
the third runs last: which the default schedule does already. The correct twin allows for both
additions. Published as n/k = 4/11, with the main thread.
"""

from __future__ import annotations

from benchmarks.program import Program
from fuzzcopy.sched import Cell, Mutex, Scheduler


def start(scheduler: Scheduler, most: int) -> None:
    """Add 1, add 2, and assert that the sum is at most ``most``."""
    lock = Mutex(scheduler, "mutex", "sum")
    total = Cell(scheduler, "sum", 0)

    async def add(amount: int) -> None:
        async with lock:
            await total.update(lambda value: value + amount)

    async def check() -> None:
        async with lock:
            assert await total.get() <= most, "both were added"

    scheduler.spawn(add, 1, name="adder of 1")
    scheduler.spawn(add, 2, name="adder of 2")
    scheduler.spawn(check, name="check")


def buggy(scheduler: Scheduler) -> None:
    """Forgets that both may have been added."""
    start(scheduler, 2)


def correct(scheduler: Scheduler) -> None:
    """Allows for both."""
    start(scheduler, 3)


PROGRAM = Program(buggy=buggy, correct=correct, tasks=3, points=6, depth=1, verdict="crash")
