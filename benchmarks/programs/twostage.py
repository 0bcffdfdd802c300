"""SCTBench twostage: one update in two locked halves. n = 2, k = 8, depth 2.

The writer sets the first value under one lock and derives the second from it under another. The
reader sees the first set and expects the second to fit. Each half is well locked; between the
halves they do not fit. The correct twin keeps the first lock until the second half is done.
Published as n/k = 3/11, with the main thread.
"""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.program import Async, Program
from fuzzcopy.sched import Cell, Mutex, Scheduler


class Shared:
    """Two values, each with a lock; 0 is not set yet."""

    def __init__(self, scheduler: Scheduler) -> None:
        self.first_lock = Mutex(scheduler, "mutex", "first lock")
        self.second_lock = Mutex(scheduler, "mutex", "second lock")
        self.first = Cell(scheduler, "first", 0)
        self.second = Cell(scheduler, "second", 0)


async def one_after_the_other(shared: Shared) -> None:
    """Lets go of the first before it takes the second."""
    async with shared.first_lock:
        await shared.first.set(1)
    async with shared.second_lock:
        await shared.second.set(2)


async def one_inside_the_other(shared: Shared) -> None:
    """Holds the first until both are set."""
    async with shared.first_lock:
        await shared.first.set(1)
        async with shared.second_lock:
            await shared.second.set(2)


def start(scheduler: Scheduler, write: Callable[[Shared], Async[None]]) -> None:
    """One writer beside one reader."""
    shared = Shared(scheduler)

    async def read() -> None:
        async with shared.first_lock:
            first = await shared.first.get()
        if first == 0:
            return
        async with shared.second_lock:
            assert await shared.second.get() == first + 1, "half an update"

    scheduler.spawn(write, shared, name="writer")
    scheduler.spawn(read, name="reader")


def buggy(scheduler: Scheduler) -> None:
    """A reader can come in between."""
    start(scheduler, one_after_the_other)


def correct(scheduler: Scheduler) -> None:
    """A reader sees both or neither."""
    start(scheduler, one_inside_the_other)


PROGRAM = Program(buggy=buggy, correct=correct, tasks=2, points=8, depth=2, verdict="crash")
