"""The TLB is flushed first and the entry cleared second."""

from __future__ import annotations

from collections.abc import Sequence

from fuzzcopy.bugs.bug import Bug
from fuzzcopy.kernel import AddressSpace, Page, Unmap
from fuzzcopy.kernel.unmap import Cleared
from fuzzcopy.machine import Cpu


class FlushThenClear(Unmap):
    """Flushes while the entries can still be walked."""

    async def clear(
        self, cpu: Cpu, space: AddressSpace, vpns: Sequence[int], only: Page | None
    ) -> Cleared:
        await self.kernel.shootdown.flush(cpu, space, vpns)
        return await super().clear(cpu, space, vpns, only)

    async def flush_dirty(self, cpu: Cpu, space: AddressSpace, cleared: Cleared) -> bool:
        return True

    async def finish(
        self,
        cpu: Cpu,
        space: AddressSpace,
        vpns: Sequence[int],
        cleared: Sequence[int],
        flushed: bool,
    ) -> None:
        return


class FlushBeforeClear(Bug):
    """The TLB is flushed before the page-table entry is cleared.

    A CPU may walk the page table at any time, for a load or because it guesses that one will
    come. Between the flush and the clearing it finds the entry still there and caches it again,
    and nobody flushes it any more. Each architecture's porting guide says: clear, then flush.
    """

    name = "flush-before-clear"
    year = 2002
    verdicts = ("stale TLB", "freed-frame access", "lost dirty", "lost write", "torn read")
    fixed_by = "the rule itself: Documentation/core-api/cachetlb.rst"
    smallest = (1, 1, 0)
    unmap_path = FlushThenClear
