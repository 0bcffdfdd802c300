"""Locks whose owners and waiters the scheduler knows at every instant.

All of them are fair in the way that matters for verdicts: a waiter becomes runnable when the
lock could be his, and stops being runnable when somebody else takes it first. Taking a lock is
a preemption point; releasing one is not, for it only ever enables others (a left mover): every
outcome with a switch just before a release is also reached by the switch just after it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from fuzzcopy.sched.scheduler import Scheduler
from fuzzcopy.sched.task import Event, Task

Owner = Task | Event


class Lock:
    """What every lock has: a name, a class for lock-order rules, holders and waiters.

    ``kind`` is the lock class ("page lock"); ``sleeps`` says whether waiting for it gives up
    the CPU, which nobody may do in atomic context.

    A task can have a lock *early* (:meth:`hold_early`): taken before the place in its program
    where it takes it, which it comes by later without taking it again. So a program can be run with
    its locks in another order than it is written in.
    """

    sleeps = True

    def __init__(self, scheduler: Scheduler, kind: str, name: str) -> None:
        self.scheduler = scheduler
        self.kind = kind
        self.name = name
        self.holders: list[Owner] = []
        self.waiters: list[Task] = []
        self.shared = False
        self._want = kind + ".lock"
        self._places: dict[Owner, str] = {}
        scheduler.locks.append(self)

    def __str__(self) -> str:
        return self.name

    @property
    def description(self) -> str:
        """The lock class and the name."""
        return f"{self.kind} lock {self.name}"

    def blockers(self, task: Task) -> Sequence[Task]:
        """The tasks that must let go before ``task`` gets this lock."""
        return [holder for holder in self.holders if isinstance(holder, Task)]

    def taken_at(self, task: Task) -> str:
        """``file:line`` of the code that took this lock for ``task``, in traced runs."""
        return self._places.get(task, "")

    def held_by(self, owner: Owner | None) -> bool:
        """Whether ``owner`` holds this lock now."""
        return owner in self.holders

    @property
    def locked(self) -> bool:
        """Whether anybody holds this lock now."""
        return bool(self.holders)

    def hold_early(self) -> None:
        """The current task, which has just taken this lock, was not at its place yet."""
        assert self.scheduler.current is not None
        self.scheduler.current.early += (self,)

    def release_early(self) -> None:
        """Let go of a lock that is held early. An I/O may have it now, and lets go itself."""
        task = self.scheduler.current
        assert task is not None
        task.early = tuple(lock for lock in task.early if lock is not self)
        if task in self.holders:
            self._drop(task)

    def _take(self, task: Task, shared: bool, tried: bool) -> None:
        scheduler = self.scheduler
        self.holders.append(task)
        self.shared = shared
        if scheduler.traced:
            self._places[task] = _caller()
        if self.waiters:
            self._update_waiters()
        for tell in scheduler.bus.lock_taken:
            tell(task, self, shared, tried)

    def _drop(self, owner: Owner) -> None:
        try:
            self.holders.remove(owner)
        except ValueError:
            raise RuntimeError(f"{owner} releases {self}, which it does not hold") from None
        if self._places:
            self._places.pop(owner, None)
        if self.waiters:
            self._update_waiters()
        for tell in self.scheduler.bus.lock_released:
            tell(owner, self)

    def _update_waiters(self) -> None:
        free = not self.holders
        for waiter in self.waiters:
            if free:
                self.scheduler.wake(waiter)
            else:
                self.scheduler.unwake(waiter)


class Mutex(Lock):
    """A sleeping lock with one owner. Not recursive: taking it twice is a deadlock.

    A submitted I/O can take over the ownership (:meth:`give_to`), as the read of a page
    takes over the page lock; waiting for one's own I/O is then no deadlock.
    """

    async def acquire(self) -> None:
        """Take the lock, waiting for it if need be."""
        scheduler = self.scheduler
        if scheduler.turn(self._want, self, True):
            await scheduler.pass_baton()
        me = scheduler.current
        assert me is not None
        if me.early and self in me.early and me in self.holders:
            return
        for tell in scheduler.bus.lock_wanted:
            tell(me, self, self.sleeps)
        if self.holders:
            self.waiters.append(me)
            await scheduler.block(self)
            self.waiters.remove(me)
        self._take(me, False, False)

    async def try_acquire(self) -> bool:
        """Take the lock if it is free now."""
        scheduler = self.scheduler
        if scheduler.turn(self.kind + ".trylock", self, True):
            await scheduler.pass_baton()
        if self.holders:
            return False
        assert scheduler.current is not None
        self._take(scheduler.current, False, True)
        return True

    def release(self) -> None:
        """Let go. Raises ``RuntimeError`` if the current task is not the owner."""
        me = self.scheduler.current
        assert me is not None
        if not me.early or self not in me.early:
            self._drop(me)

    def take_new(self) -> None:
        """Take a lock that nobody else can know of yet: no preemption point, no waiting."""
        assert self.scheduler.current is not None
        self._take(self.scheduler.current, False, True)

    def give_to(self, event: Event) -> None:
        """Make ``event`` the owner in the current task's place."""
        assert self.scheduler.current is not None
        self.holders.remove(self.scheduler.current)
        self.holders.append(event)
        for tell in self.scheduler.bus.lock_released:
            tell(self.scheduler.current, self)

    def release_from(self, event: Event) -> None:
        """Let go in the name of ``event``."""
        self._drop(event)

    __aenter__ = acquire  # no coroutine of its own: this is the commonest way to take a lock

    async def __aexit__(self, *_: object) -> None:
        if not self.scheduler.stopped:
            self.release()


class SpinLock(Mutex):
    """A lock that is waited for without sleeping; nobody may sleep while holding one."""

    sleeps = False

    def _take(self, task: Task, shared: bool, tried: bool) -> None:
        self.scheduler.spinning.append(self)
        super()._take(task, shared, tried)

    def _drop(self, owner: Owner) -> None:
        super()._drop(owner)
        self.scheduler.spinning.remove(self)


class RwLock(Lock):
    """A sleeping reader-writer lock. First come, first served.

    A queued writer blocks later readers, so a read lock taken twice by one task is a deadlock
    as soon as a writer comes between (as in Linux's rw_semaphore).
    """

    def __init__(self, scheduler: Scheduler, kind: str, name: str) -> None:
        super().__init__(scheduler, kind, name)
        self._wants_shared: dict[Task, bool] = {}
        #: ``async with lock.read:`` holds it shared, ``async with lock.write:`` alone.
        self.read = _Side(self, shared=True)
        self.write = _Side(self, shared=False)

    def dispose(self) -> None:
        """Let go of the two sides, which know this lock."""
        del self.read, self.write

    def blockers(self, task: Task) -> Sequence[Task]:
        """The holders, and the writers (for a writer: everybody) queued before ``task``."""
        before: list[Task] = []
        for waiter in self.waiters:
            if waiter is task:
                break
            if not (self._wants_shared[waiter] and self._wants_shared[task]):
                before.append(waiter)
        holders = [h for h in self.holders if isinstance(h, Task)]
        if self.shared and self._wants_shared[task]:
            return before
        return [*holders, *before]

    def _grantable(self, shared: bool) -> bool:
        return not self.holders or (shared and self.shared)

    def _update_waiters(self) -> None:
        only_readers = True
        for position, waiter in enumerate(self.waiters):
            shared = self._wants_shared[waiter]
            # Only the head of the queue, and readers with nothing but readers before them.
            may = self._grantable(shared) and (position == 0 or (shared and only_readers))
            (self.scheduler.wake if may else self.scheduler.unwake)(waiter)
            only_readers = only_readers and shared


class _Side:
    """One way of holding a :class:`RwLock`."""

    __slots__ = ("_lock", "_shared", "_want")

    def __init__(self, lock: RwLock, *, shared: bool) -> None:
        self._lock = lock
        self._shared = shared
        self._want = lock.kind + (".read_lock" if shared else ".write_lock")

    async def acquire(self) -> None:
        """Take the lock this way, waiting for it if need be."""
        lock = self._lock
        scheduler = lock.scheduler
        if scheduler.turn(self._want, lock, True):
            await scheduler.pass_baton()
        me = scheduler.current
        assert me is not None
        if me.early and lock in me.early:
            return
        for tell in scheduler.bus.lock_wanted:
            tell(me, lock, True)
        if lock.waiters or not lock._grantable(self._shared):
            lock.waiters.append(me)
            lock._wants_shared[me] = self._shared
            await scheduler.block(lock)
            lock.waiters.remove(me)
            del lock._wants_shared[me]
        lock._take(me, self._shared, False)

    async def try_acquire(self) -> bool:
        """Take the lock this way if that needs no waiting."""
        lock = self._lock
        scheduler = lock.scheduler
        if scheduler.turn(lock.kind + ".trylock", lock, True):
            await scheduler.pass_baton()
        if lock.waiters or not lock._grantable(self._shared):
            return False
        assert scheduler.current is not None
        lock._take(scheduler.current, self._shared, True)
        return True

    def release(self) -> None:
        """Let go. Raises ``RuntimeError`` if the current task does not hold the lock."""
        me = self._lock.scheduler.current
        assert me is not None
        if not me.early or self._lock not in me.early:
            self._lock._drop(me)

    __aenter__ = acquire  # no coroutine of its own: this is the commonest way to take a lock

    async def __aexit__(self, *_: object) -> None:
        if not self._lock.scheduler.stopped:
            self.release()


def _caller() -> str:
    """``file:line`` of the nearest frame outside this package's scheduler."""
    frame: Any = sys._getframe(2)
    while frame is not None and frame.f_globals.get("__name__", "").startswith("fuzzcopy.sched."):
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}" if frame else ""
