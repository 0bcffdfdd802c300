"""The bridge to trio: many scheduled runs inside one ``trio.run``, and a watchdog.

``trio.run`` costs about 250 us to start, so a caller with many schedules to try runs them all in
one :func:`drive`.
"""

from __future__ import annotations

import gc
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from types import FrameType
from typing import TypeVar

import trio

from fuzzcopy.sched import ctrl_c
from fuzzcopy.sched.crew import Crew
from fuzzcopy.sched.errors import Problem, Stuck, Verdict
from fuzzcopy.sched.scheduler import Scheduler

T = TypeVar("T")

GARBAGE = 50_000
"""Collect after so many objects that are still there: programs of users may make cycles."""


class Driver:
    """Runs schedulers one after the other inside one ``trio.run``."""

    def __init__(self, nursery: trio.Nursery) -> None:
        self._crew = Crew(nursery)
        self.failure: BaseException | None = None  # of the last run

    async def run(self, scheduler: Scheduler) -> None:
        """Run ``scheduler`` to its end; the result is in its ``failure``.

        Anything but a verdict or a problem (Ctrl-C, say) is raised.
        """
        if gc.get_count()[0] > GARBAGE:
            gc.collect(1)
        _watchdog.watch(scheduler)
        ctrl_c.running(scheduler)
        try:
            await scheduler.run(self._crew)
        finally:
            ctrl_c.running(None)
            stuck = _watchdog.done()
            self.failure = scheduler.failure
        failure = scheduler.failure
        if stuck is not None:
            if not isinstance(failure, KeyboardInterrupt):
                # It came out of it by itself; the watchdog's interrupt is still on its way.
                with suppress(KeyboardInterrupt):
                    await trio.lowlevel.checkpoint()
            scheduler.failure = stuck
        elif failure is not None and not isinstance(failure, Verdict | Problem):
            raise failure
        ctrl_c.check()


def drive(function: Callable[[Driver], Awaitable[T]]) -> T:
    """Call ``function`` inside one ``trio.run`` with a :class:`Driver`; return what it returns."""
    drivers: list[Driver] = []
    _watchdog.wake()

    async def main(no_more_ctrl_c: Callable[[], None]) -> T:
        try:
            async with trio.open_nursery() as nursery:
                drivers.append(Driver(nursery))
                result = await function(drivers[0])
                nursery.cancel_scope.cancel()
            return result
        finally:
            no_more_ctrl_c()

    collecting = gc.isenabled()
    # A run makes some thousand objects and drops them all at its end, free of cycles: looking for
    # garbage meanwhile finds none and takes an eighth of the time.
    gc.disable()
    try:
        with ctrl_c.held(), ctrl_c.none_at_the_end() as no_more_ctrl_c:
            return trio.run(main, no_more_ctrl_c)
    except BaseExceptionGroup as group:
        # A nursery wraps what it raises; what came out of one task is meant as it is.
        alone = group.exceptions[0] if len(group.exceptions) == 1 else group
        # Ctrl-C can strike between any two instructions, also where the scheduler is at work.
        struck = any(isinstance(d.failure, KeyboardInterrupt) for d in drivers)
        if isinstance(alone, KeyboardInterrupt) or not (
            struck or group.subgroup(KeyboardInterrupt) is not None
        ):
            raise alone from None
        raise KeyboardInterrupt from None
    finally:
        if collecting:
            gc.enable()


class _Watchdog:
    """One sleeping thread for the whole process: it names code that never reaches a point."""

    seconds = 10.0

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()  # nobody is interrupted who is done already
        self._runs = 0
        self._watched: tuple[Scheduler, int, int] | None = None
        self._stuck: Stuck | None = None

    def watch(self, scheduler: Scheduler) -> None:
        self._stuck = None
        self._runs += 1
        self._watched = (scheduler, threading.get_ident(), self._runs)

    def wake(self) -> None:
        """See to it that somebody looks at what is watched."""
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(
                target=self._loop, name="fuzzcopy-watchdog", daemon=True
            )
            self._thread.start()

    def done(self) -> Stuck | None:
        with self._lock:
            self._watched = None
            return self._stuck

    def _loop(self) -> None:
        ctrl_c.not_in_this_thread()
        last: tuple[int, int] | None = None
        since = 0.0
        while True:
            time.sleep(min(1.0, self.seconds / 4))
            now = self._where()
            if now is None or now != last:
                last, since = now, time.monotonic()
            elif time.monotonic() - since > self.seconds:
                with self._lock:
                    if self._watched is not None and self._watched[2] == now[0]:
                        self._bark(*self._watched[:2])
                since = time.monotonic()

    def _where(self) -> tuple[int, int] | None:
        """Which run it is, and how far it has come. Numbers: a scheduler would keep its world."""
        watched = self._watched
        return (watched[2], _steps(watched[0])) if watched else None

    def _bark(self, scheduler: Scheduler, thread: int) -> None:
        again = self._stuck is not None
        frame: FrameType | None = sys._current_frames().get(thread)
        place = f"{frame.f_code.co_filename}:{frame.f_lineno}" if frame else "unknown place"
        name = scheduler.current.name if scheduler.current else "the program"
        self._stuck = Stuck(
            f"{name} ran for {self.seconds:.0f} s without a preemption point, at {place}"
        )
        if thread != threading.main_thread().ident:
            if not again:
                print(f"fuzzcopy: {self._stuck}", file=sys.stderr)
        elif again:
            print(f"fuzzcopy: {self._stuck}; it catches what should end it", file=sys.stderr)
        else:
            ctrl_c.strike()


def _steps(scheduler: Scheduler) -> int:
    # Who catches Unwind and goes on comes by points without end, and no nearer to its own.
    return -1 if scheduler.stopped else scheduler.steps


_watchdog = _Watchdog()
