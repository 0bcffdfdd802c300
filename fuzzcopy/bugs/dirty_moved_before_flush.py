"""The dirty bit moves to the page while CPUs can still write."""

from __future__ import annotations

from fuzzcopy.bugs.bug import Bug
from fuzzcopy.kernel import AddressSpace, Unmap
from fuzzcopy.kernel.unmap import Cleared
from fuzzcopy.machine import Cpu


class DirtyFirstFlushLater(Unmap):
    """Lets go of the page-table lock with dirty entries cleared and not yet flushed."""

    async def flush_dirty(self, cpu: Cpu, space: AddressSpace, cleared: Cleared) -> bool:
        return False


class DirtyMovedBeforeFlush(Bug):
    """Unmapping moves the dirty bit to the page before the TLBs are flushed.

    Writeback finds no entry to write-protect, takes the page for clean once it is written, and
    another CPU goes on storing through its old, writable, dirty translation: it need not look
    at the page table any more. What it stores is never written.
    """

    name = "dirty-moved-before-flush"
    year = 2014
    verdicts = ("lost dirty", "lost write")
    fixed_by = '1cf35d47712d "mm: split tlb_flush_mmu() ..." (3.15)'
    smallest = (2, 2, 1)
    unmap_path = DirtyFirstFlushLater
