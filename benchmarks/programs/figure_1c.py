"""PCT paper, figure 1c: two locks, taken in either order. n = 2, k = 28, depth 2.

Each task holds its first lock for a while and then wants the other's: deadlock, if each gets its
first before the other gets its second. The correct twin takes them in one order.
"""

from __future__ import annotations

from benchmarks.program import Program, other_work
from fuzzcopy.sched import Mutex, Scheduler


async def work(scheduler: Scheduler, first: Mutex, second: Mutex) -> None:
    """Works without a lock, with one, and with both."""
    await other_work(scheduler, 4)
    async with first:
        await other_work(scheduler, 4)
        async with second:
            await other_work(scheduler, 4)


def buggy(scheduler: Scheduler) -> None:
    """Opposite orders."""
    a, b = Mutex(scheduler, "mutex", "a"), Mutex(scheduler, "mutex", "b")
    scheduler.spawn(work, scheduler, a, b, name="first")
    scheduler.spawn(work, scheduler, b, a, name="second")


def correct(scheduler: Scheduler) -> None:
    """The same order."""
    a, b = Mutex(scheduler, "mutex", "a"), Mutex(scheduler, "mutex", "b")
    scheduler.spawn(work, scheduler, a, b, name="first")
    scheduler.spawn(work, scheduler, a, b, name="second")


PROGRAM = Program(buggy=buggy, correct=correct, tasks=2, points=28, depth=2, verdict="deadlock")
