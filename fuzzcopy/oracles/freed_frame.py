"""Freed-frame access."""

from __future__ import annotations

from fuzzcopy.machine import Block, Cells, Cpu, Frame, TablePage
from fuzzcopy.oracles.evidence import BadFrame
from fuzzcopy.oracles.oracle import Oracle
from fuzzcopy.sched import Verdict


class FreedFrameAccess(Verdict):
    """A frame on the free list was read or written."""

    kind = "freed-frame access"


class FreedFrameOracle(Oracle):
    """Looks at every access through kernel pointer, page table, TLB or DMA."""

    def memory_read(self, cpu: Cpu, frame: Frame, start: int, cells: Cells, via: str) -> None:
        if frame.free:
            self._freed(f"{cpu} read", frame, via)

    def memory_written(self, cpu: Cpu, frame: Frame, start: int, cells: Cells, via: str) -> None:
        if frame.free:
            self._freed(f"{cpu} wrote", frame, via)

    def table_walked(self, cpu: Cpu, page: TablePage) -> None:
        if page.free:
            self.fail(FreedFrameAccess(f"{cpu} walked page-table page {page}, which is free"))

    def disk_read(self, block: Block, frame: Frame) -> None:
        if frame.free:
            self._freed("the disk wrote", frame, "dma")

    def disk_written(self, block: Block, frame: Frame) -> None:
        if frame.free:
            self._freed("the disk read", frame, "dma")

    def _freed(self, who: str, frame: Frame, via: str) -> None:
        path = {"kernel": "a kernel pointer", "user": "a TLB entry", "dma": "DMA"}[via]
        self.fail(
            FreedFrameAccess(f"{who} {frame}, which is free, through {path}"), BadFrame(frame.name)
        )
