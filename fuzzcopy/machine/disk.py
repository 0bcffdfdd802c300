"""A disk of blocks, one per page of each file; I/O completes as an event, at any time in any order.

So how long an I/O takes is the schedule's affair; whether it fails is the fault plan's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from fuzzcopy.machine.memory import boot
from fuzzcopy.machine.provenance import GARBAGE, ZERO
from fuzzcopy.sched import Event, Scheduler

if TYPE_CHECKING:
    from fuzzcopy.machine.memory import Cells, Frame

Block = tuple[str, int]
"""File name and page number. A block that is not there reads as zeros: a hole."""


IoKind = Literal["read", "write"]


class Disk:
    """Moves whole pages between frames and blocks; the data moves when the I/O completes.

    One that fails moves nothing: the frame, or the block, holds what it held before.
    """

    def __init__(self, scheduler: Scheduler, page_size: int) -> None:
        self.scheduler = scheduler
        self.page_size = page_size
        self.blocks: dict[Block, Cells] = {}  # the cells of a block are never changed in place
        self._freed: list[Cells] = []
        self._failing: dict[tuple[IoKind, Block], int] = {}

    def fail_next(self, kind: IoKind, block: Block) -> None:
        """Let the next I/O of that ``kind`` and ``block`` fail (one more than already will)."""
        self._failing[kind, block] = self._failing.get((kind, block), 0) + 1

    def allocate(self, block: Block) -> None:
        """Take a free block for ``block``, the one freed last: it holds what it held before."""
        stale = self._freed.pop() if self._freed else boot(self.page_size)
        self.blocks[block] = [cell | GARBAGE for cell in stale]

    def content(self, block: Block) -> Cells:
        """What a read of ``block`` would deliver now."""
        cells = self.blocks.get(block)
        return [ZERO] * self.page_size if cells is None else cells

    def read(
        self,
        block: Block,
        frame: Frame,
        done: Callable[[], None],
        failed: Callable[[], None] | None = None,
    ) -> Event:
        """Submit a read of ``block`` into ``frame``; ``done`` is called when it completes.

        ``failed`` is called instead if it fails; who gives none does not notice.
        """

        def complete() -> None:
            if self._fails("read", block, frame):
                (failed or done)()
                return
            frame.cells[:] = self.content(block)
            for tell in self.scheduler.bus.disk_read:
                tell(block, frame)
            done()

        return self.scheduler.post(Event(f"disk.read {block[0]}:{block[1]}", complete))

    def write(
        self,
        block: Block,
        frame: Frame,
        done: Callable[[], None],
        failed: Callable[[], None] | None = None,
    ) -> Event:
        """Submit a write of ``frame`` to ``block``; ``done`` and ``failed`` as for a read."""

        def complete() -> None:
            if self._fails("write", block, frame):
                (failed or done)()
                return
            self.blocks[block] = frame.cells[:]
            for tell in self.scheduler.bus.disk_written:
                tell(block, frame)
            done()

        for tell in self.scheduler.bus.write_submitted:
            tell(block, frame)
        return self.scheduler.post(Event(f"disk.write {block[0]}:{block[1]}", complete))

    def _fails(self, kind: IoKind, block: Block, frame: Frame) -> bool:
        left = self._failing.get((kind, block), 0)
        if left:
            self._failing[kind, block] = left - 1
            for tell in self.scheduler.bus.disk_failed:
                tell(kind, block, frame)
        return left > 0

    async def discard(self, block: Block) -> None:
        """Free ``block``: from now on it is a hole."""
        scheduler = self.scheduler
        if scheduler.turn("disk.discard", f"{block[0]}:{block[1]}", True):
            await scheduler.pass_baton()
        cells = self.blocks.pop(block, None)
        if cells is not None:
            self._freed.append(cells)
            for tell in scheduler.bus.disk_discarded:
                tell(block)
