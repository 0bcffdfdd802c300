"""The trio tasks that programs run in. A task whose program has ended is used again.

Starting a trio task costs more than switching to one, and a schedule of 200 steps is over in
less than a millisecond: so the tasks are kept from one run to the next.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from typing import TYPE_CHECKING, NoReturn, TypeVar

import trio
from outcome import Outcome

from fuzzcopy.sched.errors import Unwind

if TYPE_CHECKING:
    from fuzzcopy.sched.scheduler import Scheduler
    from fuzzcopy.sched.task import Task


def can_be_cancelled(_: object) -> trio.lowlevel.Abort:
    """For ``wait_task_rescheduled``: nothing needs to be undone."""
    return trio.lowlevel.Abort.SUCCEEDED


Result = TypeVar("Result")


class _GoOn(Outcome[None]):
    """What a task is woken with: nothing.

    Trio makes an outcome for every wake-up, as each may be unwrapped once. This one may be
    unwrapped any number of times, and so serves all: a sixth of what a switch costs.
    """

    __slots__ = ()

    def unwrap(self) -> None:
        return

    def send(self, gen: Generator[Result, None, object]) -> Result:
        return gen.send(None)

    async def asend(self, agen: AsyncGenerator[Result, None]) -> Result:
        return await agen.asend(None)


class _End(Outcome[NoReturn]):
    """What a task is woken with when the run was stopped: :class:`Unwind`.

    An ``outcome.Error`` would keep the exception, whose frames keep it: a world for the collector.
    """

    __slots__ = ()

    def unwrap(self) -> NoReturn:
        raise Unwind

    def send(self, gen: Generator[Result, NoReturn, object]) -> Result:
        return gen.throw(Unwind())

    async def asend(self, agen: AsyncGenerator[Result, NoReturn]) -> Result:
        return await agen.athrow(Unwind())


GO_ON = _GoOn()
END = _End()


class Crew:
    """The workers of one nursery."""

    def __init__(self, nursery: trio.Nursery) -> None:
        self._nursery = nursery
        self._idle: list[_Worker] = []
        self._busy: list[_Worker] = []
        self._waiting: trio.lowlevel.Task | None = None

    def begin(self, scheduler: Scheduler, task: Task) -> None:
        """Run the program of ``task``; it has the baton."""
        if self._idle:
            worker = self._idle.pop()
            worker.scheduler, worker.task = scheduler, task
            trio.lowlevel.reschedule(worker.trio_task, GO_ON)
        else:
            worker = _Worker(self, scheduler, task)
            self._nursery.start_soon(worker.run)
        self._busy.append(worker)

    def cancel(self) -> None:
        """Cancel every program that has not ended, as one awaits something foreign.

        Their workers go with them.
        """
        for worker in self._busy:
            worker.scope.cancel()

    async def finished(self) -> None:
        """Wait until every program has ended."""
        if self._busy:
            self._waiting = trio.lowlevel.current_task()
            await trio.lowlevel.wait_task_rescheduled(can_be_cancelled)

    def ended(self, worker: _Worker, *, reusable: bool) -> None:
        """A worker's program has ended, or was taken down."""
        self._busy.remove(worker)
        if reusable:
            self._idle.append(worker)
        if not self._busy and self._waiting is not None:
            waiting, self._waiting = self._waiting, None
            trio.lowlevel.reschedule(waiting, GO_ON)


class _Worker:
    """One trio task."""

    trio_task: trio.lowlevel.Task
    scheduler: Scheduler  # these two while it has a program: it keeps no world after its run
    task: Task

    def __init__(self, crew: Crew, scheduler: Scheduler, task: Task) -> None:
        self._crew = crew
        self.scheduler = scheduler
        self.task = task
        self.scope = trio.CancelScope()

    async def run(self) -> None:
        """Run one program after the other, until one is cancelled."""
        self.trio_task = trio.lowlevel.current_task()
        reusable = True
        with self.scope:
            while reusable:
                reusable = False
                try:
                    await self.scheduler.perform(self.task)
                    reusable = not self.scope.cancel_called
                finally:
                    del self.scheduler, self.task
                    self._crew.ended(self, reusable=reusable)
                if reusable:
                    await trio.lowlevel.wait_task_rescheduled(can_be_cancelled)
