"""Two overlapping gathers: the second finds nothing to flush."""

from __future__ import annotations

from collections.abc import Sequence

from fuzzcopy.bugs.bug import Bug
from fuzzcopy.kernel import AddressSpace, Unmap
from fuzzcopy.machine import Cpu


class FlushOnlyMine(Unmap):
    """Flushes what it has cleared itself, whatever others still owe."""

    async def finish(
        self,
        cpu: Cpu,
        space: AddressSpace,
        vpns: Sequence[int],
        cleared: Sequence[int],
        flushed: bool,
    ) -> None:
        if not flushed:
            await self.kernel.shootdown.flush(cpu, space, cleared)


class FlushBatchMiss(Bug):
    """madvise() returns without a flush because another one has cleared the entries just before.

    Zapping flushes in batches, after the page-table lock is dropped. Who comes second finds the
    entries clear, flushes nothing and returns, with the first one's flush still to come: the
    range that it promised to have emptied can still be read and written.
    """

    name = "flush-batch-miss"
    year = 2017
    verdicts = ("stale TLB",)
    fixed_by = '99baac21e458 "mm: fix MADV_[FREE|DONTNEED] TLB flush miss problem" (4.13)'
    smallest = (1, 1, 0)
    unmap_path = FlushOnlyMine
