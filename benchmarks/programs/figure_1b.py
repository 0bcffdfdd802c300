"""PCT paper, figure 1b: checked, taken away, used. n = 2, k = 20, depth 2.

One task clears a pointer; the other checks that it is there and then uses it. The clearing must
come after the check *and* before the use: the checking task must be preempted at one certain
point. The correct twin looks once and keeps what it saw.
"""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.program import Async, Program, other_work
from fuzzcopy.sched import Cell, Scheduler

Pointer = Cell[str | None]


async def look_twice(pointer: Pointer) -> None:
    """Once to check it, once more to use it."""
    if await pointer.get() is not None:
        assert await pointer.get() is not None, "cleared after it was checked"


async def look_once(pointer: Pointer) -> None:
    """Checks and uses one and the same value."""
    value = await pointer.get()
    if value is not None:
        assert value == "valid", "not what was checked"


def start(scheduler: Scheduler, use: Callable[[Pointer], Async[None]]) -> None:
    """One task clears the pointer, the other goes to ``use`` it."""
    pointer: Pointer = Cell(scheduler, "pointer", "valid")

    async def clearer() -> None:
        await other_work(scheduler, 5)
        await pointer.set(None)
        await other_work(scheduler, 4)

    async def user() -> None:
        await other_work(scheduler, 4)
        await use(pointer)
        await other_work(scheduler, 4)

    scheduler.spawn(clearer, name="clearer")
    scheduler.spawn(user, name="user")


def buggy(scheduler: Scheduler) -> None:
    """Check, then use."""
    start(scheduler, look_twice)


def correct(scheduler: Scheduler) -> None:
    """Use what was checked."""
    start(scheduler, look_once)


PROGRAM = Program(buggy=buggy, correct=correct, tasks=2, points=20, depth=2, verdict="crash")
