"""SCTBench reorder_3: a pair seen half written; 2 writers, 1 reader. n = 3, k = 8, depth 2.

Every writer sets a to 1 and then b to -1, without a lock. The reader accepts (0, 0) and (1, -1)
and must never see (1, 0). For that *one* writer has to stop between its two stores, and no other
writer may finish before the reader has looked: the more writers, the rarer. The correct twin
holds a lock round each pair. Published as n/k = 4/12, with the main thread; reorder_10 is the
same with 9 writers.
"""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager, nullcontext

from benchmarks.program import Program
from fuzzcopy.sched import Cell, Mutex, Scheduler

Guard = AbstractAsyncContextManager[None]


def start(scheduler: Scheduler, writers: int, guard: Guard) -> None:
    """``writers`` writers and a reader, each inside ``guard``."""
    a, b = Cell(scheduler, "a", 0), Cell(scheduler, "b", 0)

    async def write() -> None:
        async with guard:
            await a.set(1)
            await b.set(-1)

    async def read() -> None:
        async with guard:
            if await a.get() == 0 and await b.get() == 0:
                return
            # Not the values seen above: the original looks again, and so the reader's own
            # tearing is never taken for the writers'.
            assert await a.get() == 1
            assert await b.get() == -1, "half a pair"

    for number in range(writers):
        scheduler.spawn(write, name=f"writer {number}")
    scheduler.spawn(read, name="reader")


def without_lock(scheduler: Scheduler, writers: int) -> None:
    """Nothing keeps the pair together."""
    start(scheduler, writers, nullcontext())


def with_lock(scheduler: Scheduler, writers: int) -> None:
    """A lock does."""
    start(scheduler, writers, Mutex(scheduler, "mutex", "pair"))


def buggy(scheduler: Scheduler) -> None:
    """Two writers and no lock."""
    without_lock(scheduler, 2)


def correct(scheduler: Scheduler) -> None:
    """Two writers and a lock."""
    with_lock(scheduler, 2)


PROGRAM = Program(buggy=buggy, correct=correct, tasks=3, points=8, depth=2, verdict="crash")
