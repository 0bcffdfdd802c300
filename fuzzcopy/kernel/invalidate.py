"""Invalidation: drop what is cached of a file, because it changed behind the cache's back."""

from __future__ import annotations

from errno import EBUSY

from fuzzcopy.kernel.file import File
from fuzzcopy.kernel.path import Path
from fuzzcopy.machine import Cpu


class Invalidate(Path):
    """``invalidate_inode_pages2``: as a network file system or direct I/O calls it.

    It does not take the inode lock, and it does not care who else has a reference: a clean page
    leaves the cache. So whoever locks a page must check that it is still in the cache.
    """

    async def invalidate(self, cpu: Cpu, file: File) -> int:
        """Drop every clean page of ``file``. Returns 0, or ``-EBUSY`` if a page was dirty."""
        result = 0
        for index in await file.cached():
            if not await self.drop(cpu, file, index):
                result = -EBUSY
        return result

    async def drop(self, cpu: Cpu, file: File, index: int) -> bool:
        """Drop the page at ``index``: unmapped and removed under one hold of the page lock.

        A fault cannot map it again in between, as it needs that lock.
        """
        cache = self.kernel.cache
        while (page := await file.find(index)) is not None:
            await page.lock.acquire()
            there = await page.belongs_to(file)
            gone = False
            if there:
                await page.wait_for_writeback()
                await self.kernel.unmap.page_everywhere(cpu, file, page)
                gone = not await page.is_dirty() and await file.remove(page)
            page.lock.release()
            await cache.put(page)
            if there:
                return gone
            # Another page may have taken its place.
        return True
