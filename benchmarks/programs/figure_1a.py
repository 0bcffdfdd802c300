"""PCT paper, figure 1a: an object is used before it is made. n = 2, k = 18, depth 1.

One task makes an object, another uses it, and nothing sees to it that the making comes first. A
single ordering constraint is enough, so it is only a matter of who gets to run first. The correct
twin waits until the object is there.
"""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.program import Async, Program, other_work
from fuzzcopy.sched import Cell, Completion, Scheduler


class Shared:
    """What the two tasks share."""

    def __init__(self, scheduler: Scheduler) -> None:
        self.object: Cell[str | None] = Cell(scheduler, "object", None)
        self.made = Completion(scheduler, "made")


async def use_at_once(shared: Shared) -> None:
    """Hopes that it was made."""
    assert await shared.object.get() is not None, "used before it was made"


async def wait_and_use(shared: Shared) -> None:
    """Knows that it was made."""
    await shared.made.wait()
    assert await shared.object.get() is not None, "used before it was made"


def start(scheduler: Scheduler, use: Callable[[Shared], Async[None]]) -> None:
    """One task makes the object, the other goes to ``use`` it."""
    shared = Shared(scheduler)

    async def maker() -> None:
        await other_work(scheduler, 4)
        await shared.object.set("made")
        shared.made.complete()
        await other_work(scheduler, 4)

    async def user() -> None:
        await other_work(scheduler, 4)
        await use(shared)
        await other_work(scheduler, 4)

    scheduler.spawn(maker, name="maker")
    scheduler.spawn(user, name="user")


def buggy(scheduler: Scheduler) -> None:
    """Use without waiting."""
    start(scheduler, use_at_once)


def correct(scheduler: Scheduler) -> None:
    """Wait first."""
    start(scheduler, wait_and_use)


PROGRAM = Program(buggy=buggy, correct=correct, tasks=2, points=18, depth=1, verdict="crash")
