"""Waiting for something to happen that is not the release of a lock."""

from __future__ import annotations

from collections.abc import Sequence

from fuzzcopy.sched.scheduler import Scheduler
from fuzzcopy.sched.task import Task


class WaitQueue:
    """Tasks that sleep until somebody wakes them all.

    Wake-ups carry no memory: check the condition, and call :meth:`wait` before the next
    preemption point, in a loop.
    """

    def __init__(self, scheduler: Scheduler, name: str) -> None:
        self.scheduler = scheduler
        self.name = name
        self._waiters: list[Task] = []

    def __str__(self) -> str:
        return self.name

    @property
    def description(self) -> str:
        """Its name."""
        return self.name

    def blockers(self, task: Task) -> Sequence[Task]:
        """Unknown: anybody may wake a queue."""
        return ()

    def taken_at(self, task: Task) -> str:
        """Nobody owns a queue."""
        return ""

    async def wait(self) -> None:
        """Sleep until the next :meth:`wake_all`."""
        scheduler = self.scheduler
        me = scheduler.current
        assert me is not None
        for tell in scheduler.bus.sleeping:
            tell(me, self)
        self._waiters.append(me)
        await scheduler.block(self)

    def wake_all(self) -> None:
        """Let everybody who waits now run again."""
        self.scheduler.touch(self)
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            self.scheduler.wake(waiter)


class Completion:
    """Something that happens once: an I/O, a set of acknowledgements.

    ``owed_by`` names the tasks that must act before it can happen, if they are known; waiting
    for it then takes part in the search for cycles. ``kind`` is its class for lock-order rules.
    """

    kind = "completion"

    def __init__(
        self, scheduler: Scheduler, name: str, owed_by: Sequence[Task] = (), *, sleeps: bool = True
    ) -> None:
        self.scheduler = scheduler
        self.name = name
        self.done = False
        self.owed_by: list[Task] = [*owed_by]
        self._sleeps = sleeps
        self._waiters: list[Task] = []

    def __str__(self) -> str:
        return self.name

    @property
    def description(self) -> str:
        """Its name."""
        return self.name

    def blockers(self, task: Task) -> Sequence[Task]:
        """The tasks that still owe something."""
        return self.owed_by

    def taken_at(self, task: Task) -> str:
        """Nobody takes a completion."""
        return ""

    async def wait(self) -> None:
        """Return once it has happened; at once if it has already."""
        scheduler = self.scheduler
        if scheduler.turn("wait", self, False):
            await scheduler.pass_baton()
        me = scheduler.current
        assert me is not None
        for tell in scheduler.bus.awaited:
            tell(me, self.kind, self.name)
        if self._sleeps:
            for tell in scheduler.bus.sleeping:
                tell(me, self)
        if not self.done:
            self._waiters.append(me)
            await scheduler.block(self)

    def complete(self) -> None:
        """It has happened."""
        self.scheduler.touch(self)
        self.done = True
        for waiter in self._waiters:
            self.scheduler.wake(waiter)
        self._waiters.clear()
