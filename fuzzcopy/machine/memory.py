"""Physical memory: a few frames whose every byte knows where it came from.

A *cell* is one byte with its provenance, packed into one integer so that a slice assignment
moves both: bits 0-7 the value, 8-31 the position within its origin, 32-55 the origin's number
(see :mod:`fuzzcopy.machine.provenance`), bit 56 set if the byte is garbage: what a frame or a
disk block still held from its previous life. ``0`` is an explicit zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from fuzzcopy.machine.provenance import BOOT, GARBAGE, pattern

if TYPE_CHECKING:
    from fuzzcopy.machine.cpu import Cpu
    from fuzzcopy.sched import Scheduler

Cells = list[int]


@cache
def boot(page_size: int) -> Cells:
    """What a frame or a block of ``page_size`` bytes holds when the machine starts: garbage."""
    return [cell | GARBAGE for cell in pattern(BOOT, page_size)]


class Frame:
    """One physical frame. ``cells`` is for machine code and oracles; go through Memory."""

    __slots__ = ("cells", "free", "index")

    def __init__(self, index: int, cells: Cells) -> None:
        self.index = index
        self.cells = cells
        self.free = True

    @property
    def name(self) -> str:
        """What reports call it. Made when it is asked for: every run has frames, few have names."""
        return f"frame{self.index}"

    def __str__(self) -> str:
        return self.name


class Memory:
    """All frames, and the free list: last in, first out, so that what leaks is visible.

    ``page_size`` is in bytes. A freed frame keeps its bytes, which are garbage from then on.
    """

    def __init__(self, scheduler: Scheduler, *, frames: int, page_size: int) -> None:
        self.scheduler = scheduler
        self.page_size = page_size
        # All share their first contents until they are first taken: most never are.
        self._boot = first = boot(page_size)
        self.frames = [Frame(i, first) for i in range(frames)]
        self._free = self.frames[::-1]

    def __str__(self) -> str:
        return "free list"

    def take(self) -> Frame | None:
        """Allocate without a preemption point, while the machine is being set up."""
        if not self._free:
            return None
        frame = self._free.pop()
        frame.free = False
        if frame.cells is self._boot:
            frame.cells = self._boot[:]
        return frame

    async def alloc(self) -> Frame | None:
        """A frame full of garbage, or ``None`` if all are in use."""
        scheduler = self.scheduler
        if scheduler.turn("frame.alloc", self, True):
            await scheduler.pass_baton()
        frame = self.take()
        if frame is not None:
            for tell in scheduler.bus.frame_allocated:
                tell(frame)
        return frame

    async def free(self, frame: Frame) -> None:
        """Give a frame back. Its bytes stay, as garbage, until somebody overwrites them."""
        scheduler = self.scheduler
        if scheduler.turn("frame.free", self, True):
            await scheduler.pass_baton()
        frame.free = True
        frame.cells = [cell | GARBAGE for cell in frame.cells]
        self._free.append(frame)
        for tell in scheduler.bus.frame_freed:
            tell(frame)

    async def read(self, cpu: Cpu, frame: Frame, start: int, end: int) -> Cells:
        """The kernel reads bytes ``start`` to ``end`` through its own pointer."""
        scheduler = self.scheduler
        if scheduler.turn("mem.read", frame, False):
            await scheduler.pass_baton()
        cells = frame.cells[start:end]
        for tell in scheduler.bus.memory_read:
            tell(cpu, frame, start, cells, "kernel")
        return cells

    async def write(self, cpu: Cpu, frame: Frame, start: int, cells: Sequence[int]) -> None:
        """The kernel writes ``cells`` at byte ``start`` through its own pointer."""
        scheduler = self.scheduler
        if scheduler.turn("mem.write", frame, True):
            await scheduler.pass_baton()
        frame.cells[start : start + len(cells)] = cells
        for tell in scheduler.bus.memory_written:
            tell(cpu, frame, start, cells, "kernel")
