"""One shared variable; every access to it is a preemption point with its footprint."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from fuzzcopy.sched.scheduler import Scheduler

T = TypeVar("T")


class Cell(Generic[T]):
    """A shared variable that can only be reached through accessors."""

    __slots__ = ("_value", "name", "scheduler")

    def __init__(self, scheduler: Scheduler, name: str, value: T) -> None:
        self.scheduler = scheduler
        self.name = name
        self._value = value

    def __str__(self) -> str:
        return self.name

    async def get(self) -> T:
        """Read it."""
        scheduler = self.scheduler
        if scheduler.turn("get", self, False):
            await scheduler.pass_baton()
        return self._value

    async def set(self, value: T) -> None:
        """Overwrite it."""
        scheduler = self.scheduler
        if scheduler.turn("set", self, True):
            await scheduler.pass_baton()
        self._value = value

    async def update(self, change: Callable[[T], T]) -> T:
        """Replace it by ``change(value)`` in one step, as a locked instruction does.

        Returns the value it had before.
        """
        scheduler = self.scheduler
        if scheduler.turn("update", self, True):
            await scheduler.pass_baton()
        before = self._value
        self._value = change(before)
        return before

    def peek(self) -> T:
        """The value, for oracles and tests: not an access of the program."""
        return self._value
