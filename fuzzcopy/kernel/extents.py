"""The extent map: which pages of a file have a block, and which of those hold the file's bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from fuzzcopy.sched import Scheduler

ExtentState = Literal["hole", "unwritten", "written"]
"""No block; a block that holds whatever it held before; a block with the file's bytes. The first
two read as zeros, without any I/O."""


@dataclass(frozen=True, slots=True)
class Extent:
    """What the map said of one page, and the map's ``cookie`` at that time."""

    index: int
    state: ExtentState
    cookie: int


class Extents:
    """One file's map; a step per access.

    It changes under nobody's lock: writeback gives holes a block and turns unwritten extents into
    written ones when its I/O completes. So what was looked up before a page was locked is good
    only while the ``cookie`` is the same (Linux: ``iomap_valid``, XFS's ``if_seq``). With the page
    locked, and neither dirty nor under writeback, its extent stays as it is.
    """

    def __init__(self, scheduler: Scheduler, name: str) -> None:
        self.scheduler = scheduler
        self.name = name
        self.cookie = 0
        self._states: dict[int, ExtentState] = {}
        self._footprint = f"{name} extents"

    def __str__(self) -> str:
        return self._footprint

    async def find(self, index: int) -> Extent:
        """What there is for the page at ``index``."""
        scheduler = self.scheduler
        if scheduler.turn("extent.find", self, False):
            await scheduler.pass_baton()
        return Extent(index, self.peek(index), self.cookie)

    async def is_current(self, extent: Extent) -> bool:
        """Whether nothing has changed since ``extent`` was looked up."""
        scheduler = self.scheduler
        if scheduler.turn("extent.current?", self, False):
            await scheduler.pass_baton()
        return extent.cookie == self.cookie

    async def reserve(self, index: int) -> bool:
        """Let the page have a block, unwritten, if it has none; whether it had none."""
        scheduler = self.scheduler
        if scheduler.turn("extent.reserve", self, True):
            await scheduler.pass_baton()
        if index in self._states:
            return False
        self.put(index, "unwritten")
        return True

    async def remove(self, first: int, end: int) -> list[int]:
        """Make pages ``first`` to ``end`` a hole; those that had a block, ascending."""
        scheduler = self.scheduler
        if scheduler.turn("extent.remove", self, True):
            await scheduler.pass_baton()
        gone = sorted(index for index in self._states if first <= index < end)
        for index in gone:
            self.put(index, "hole")
        return gone

    def put(self, index: int, state: ExtentState) -> None:
        """Change the map without a preemption point, as the completion of a write does."""
        if self.peek(index) == state:
            return
        self.cookie += 1
        self.assume(index, state)
        for tell in self.scheduler.bus.extent_changed:
            tell(self.name, index, state)

    def assume(self, index: int, state: ExtentState) -> None:
        """Enter what is so from the beginning, while the machine is being set up."""
        if state == "hole":
            self._states.pop(index, None)
        else:
            self._states[index] = state

    def peek(self, index: int) -> ExtentState:
        """The state, for oracles and tests: not an access of the kernel."""
        return self._states.get(index, "hole")
