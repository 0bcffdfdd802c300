"""Mapping what is in the page cache already, at a fault handler's call (userfaultfd)."""

from __future__ import annotations

from errno import EEXIST, EFAULT, ENOENT

from fuzzcopy.kernel.page import Page
from fuzzcopy.kernel.path import Path
from fuzzcopy.kernel.space import AddressSpace, Vma


class Populate(Path):
    """``UFFDIO_CONTINUE``: maps as a fault would, but only what need not be brought in.

    As in Linux (``mfill_atomic_install_pte``) the new entries are dirty, in a private mapping,
    too. So a dirty entry proves nothing about who wrote to its page.
    """

    async def map_cached(self, space: AddressSpace, start: int, pages: int) -> int:
        """Map the cached pages of a range of a file's mapping.

        Returns 0; ``-ENOENT`` if no file is mapped there, ``-EFAULT`` if a page is not in the
        cache, ``-EEXIST`` if there is an entry already. What came before it stays mapped.
        """
        async with space.mmap_lock.read:
            for vpn in range(start, start + pages):
                vma = await space.find(vpn)
                if vma is None or vma.file is None:
                    return -ENOENT
                page = await vma.file.find(vma.index_of(vpn))
                if page is None:
                    return -EFAULT
                # Locked, it stays in the cache until it is mapped.
                await page.lock.acquire()
                result = await self.map_page(vma, vpn, page)
                page.lock.release()
                await self.kernel.cache.put(page)
                if result:
                    return result
        return 0

    async def map_page(self, vma: Vma, vpn: int, page: Page) -> int:
        """Map the locked ``page``: writable if what is stored there is for the file anyway.

        Not a lent page: somebody's own memory shows it. The first store faults, and gets a copy.
        """
        file = vma.file
        assert file is not None
        if not await page.belongs_to(file) or not await page.is_uptodate():
            return -EFAULT
        if page.index * self.page_size >= await file.size.get():
            return -EFAULT
        writable = vma.shared and vma.writable and not page.lent
        if writable:
            await page.set_dirty()
        async with vma.space.ptl:
            if await vma.space.table.read(vpn) is not None:
                return -EEXIST
            await self.kernel.fault.map(vma, vpn, page, writable=writable, dirty=True)
        return 0
