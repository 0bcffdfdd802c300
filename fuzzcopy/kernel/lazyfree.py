"""Lazy freeing (``MADV_FREE``): memory that its process no longer needs, until it is written to."""

from __future__ import annotations

from errno import EINVAL, ENOMEM

from fuzzcopy.kernel.page import Page
from fuzzcopy.kernel.path import Path
from fuzzcopy.kernel.space import AddressSpace
from fuzzcopy.machine import Cpu, Entry


class LazyFree(Path):
    """Marks anonymous pages as free for reclaim, as long as their entry stays clean.

    The dirty bit decides, as CPUs set it without asking anybody. So it is cleared with the entry
    taken out, and flushed: a CPU that still knew the entry as dirty would store without setting it
    again. And when a page is dropped, its entry is taken out and flushed before that bit, and who
    else has a reference, is looked at.
    """

    async def mark(self, cpu: Cpu, space: AddressSpace, start: int, pages: int) -> int:
        """Let the pages of a range go whenever memory is short.

        Returns 0; ``-EINVAL`` if it is not all anonymous memory, ``-ENOMEM`` if part is unmapped:
        what comes before that is marked.
        """
        async with space.mmap_lock.read:
            for vpn in range(start, start + pages):
                vma = await space.find(vpn)
                if vma is None or vma.file is not None:
                    return -ENOMEM if vma is None else -EINVAL
                async with space.ptl:
                    await self.clean(cpu, space, vpn)
        return 0

    async def clean(self, cpu: Cpu, space: AddressSpace, vpn: int) -> None:
        """Make the entry of a page that nobody else uses a clean one. The caller holds the ptl."""
        entry = await space.table.read(vpn)
        page = None if entry is None else self.kernel.page_of(entry.frame)
        if entry is None or page is None or not page.anonymous:
            return
        old = await self.take_out(cpu, space, vpn)
        alone = not await self.kernel.cache.is_shared(page)
        if alone:
            await page.clear_dirty()
            await space.free_lazily(vpn, page)
        dirty = old.dirty and not alone
        await space.table.set(vpn, Entry(old.frame, writable=old.writable, dirty=dirty))

    async def drop_one(self, cpu: Cpu) -> bool:
        """Free one page that is marked and has not been written to since; false: there is none."""
        for space in self.kernel.spaces:
            for vpn, page in await space.lazily_free():
                if await self.drop(cpu, space, vpn, page):
                    return True
        return False

    async def drop(self, cpu: Cpu, space: AddressSpace, vpn: int, page: Page) -> bool:
        """Free ``page`` if it is still there and clean; one look, and it is no longer marked."""
        async with space.ptl:
            if not await space.forget_lazy(vpn, page):
                return False
            entry = await space.table.read(vpn)
            if entry is None or self.kernel.page_of(entry.frame) is not page:
                return False
            old = await self.take_out(cpu, space, vpn)
            # In this order: a device marks the page as dirty before it lets go of it.
            shared = await self.kernel.cache.is_shared(page)
            gone = not shared and not old.dirty and not await page.is_dirty()
            if not gone:
                again = Entry(old.frame, writable=old.writable, dirty=old.dirty)
                await space.table.set(vpn, again)
        if gone:
            await page.unmapped()
            await self.kernel.cache.put(page)
        return gone

    async def take_out(self, cpu: Cpu, space: AddressSpace, vpn: int) -> Entry:
        """Take the entry at ``vpn``, which is there, out of the page table and of every TLB."""
        old = await space.table.clear(vpn)
        assert old is not None
        await self.kernel.shootdown.flush(cpu, space, [vpn])
        return old
