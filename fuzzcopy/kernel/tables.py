"""Freeing page-table pages."""

from __future__ import annotations

from errno import EAGAIN

from fuzzcopy.kernel.path import Path
from fuzzcopy.kernel.space import AddressSpace
from fuzzcopy.machine import SPAN, Cpu


class Tables(Path):
    """Detach, wait for the walkers, and only then free.

    The kernel's own ways into a table are kept out by locks. The MMU takes none: a CPU may have
    read the directory just before and be about to read the entry.
    """

    async def free_unused(self, cpu: Cpu, space: AddressSpace, start: int, pages: int) -> None:
        """Free the page-table pages of a range just unmapped, as far as no mapping is left there.

        The caller holds the mmap lock for writing (Linux: ``free_pgtables``).
        """
        for index in range(start // SPAN, (start + pages - 1) // SPAN + 1):
            if not await space.anything(index * SPAN, (index + 1) * SPAN):
                await self.release(cpu, space, index)

    async def collapse(self, cpu: Cpu, space: AddressSpace, start: int) -> int:
        """Free the page-table page at ``start``, with what it shows of files.

        A fault brings that back (Linux: ``retract_page_tables`` of khugepaged). Returns 0, or
        ``-EAGAIN`` if there is none or it shows memory of the process's own.
        """
        index = start // SPAN
        async with space.mmap_lock.write:
            async with space.ptl:
                vpns = await space.table.present(index)
                files = await self.kernel.unmap.of_files(space, vpns, even_lent=False)
            if files != vpns:
                return -EAGAIN
            if vpns:
                await self.kernel.unmap.zap(cpu, space, vpns)
            return 0 if await self.release(cpu, space, index) else -EAGAIN

    async def release(self, cpu: Cpu, space: AddressSpace, index: int) -> bool:
        """Free one page-table page; false if it is not there, or not empty."""
        async with space.ptl:
            page = None
            if not await space.table.present(index):
                page = await space.table.detach(index)
        if page is None:
            return False
        await self.wait_for_walkers(cpu, space)
        await space.table.free(page)
        return True

    async def wait_for_walkers(self, cpu: Cpu, space: AddressSpace) -> None:
        """Return once no CPU can have read the directory before the page left it."""
        await self.kernel.shootdown.synchronise(cpu, space)
