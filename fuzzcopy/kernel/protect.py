"""Write protection for a snapshot of memory, as userfaultfd offers it."""

from __future__ import annotations

from errno import EAGAIN, ENOENT

from fuzzcopy.kernel.page import Page
from fuzzcopy.kernel.path import Path
from fuzzcopy.kernel.space import AddressSpace
from fuzzcopy.machine import Cpu, Entry


class WriteProtect(Path):
    """``UFFDIO_WRITEPROTECT``: who writes to the range notices, and a snapshot keeps what was.

    The snapshot shares the process's own pages: the next write to one gets a copy. Entries are
    downgraded under the page-table lock and flushed after it is dropped, with the mmap lock held
    only shared. So whoever finds such an entry and relies on it flushes first.
    """

    async def protect(self, cpu: Cpu, space: AddressSpace, start: int, pages: int) -> int:
        """Write-protect a range.

        Returns 0, ``-ENOENT`` if part of it is unmapped, or ``-EAGAIN`` if somebody is just using
        one of the pages, which stays as it is.
        """
        result = 0
        released: list[Page] = []
        async with space.mmap_lock.read:
            if await self.kernel.mapping.mapped_pages(space, start, pages) < pages:
                return -ENOENT
            vpns = range(start, start + pages)
            await space.flushes.update(lambda flushes: flushes + 1)
            downgraded = []
            async with space.ptl:
                for vpn in vpns:
                    entry = await space.table.read(vpn)
                    if entry is None:
                        continue
                    page = self.kernel.page_of(entry.frame)
                    old = None
                    if entry.writable:
                        old = await space.table.clear(vpn)
                        downgraded.append(vpn)
                    # Only now: until the entry changed somebody could have pinned the page.
                    used = page.anonymous and await page.is_used()
                    if old is not None:
                        same = Entry(old.frame, writable=used, dirty=old.dirty)
                        await space.table.set(vpn, same)
                    if used:
                        result = -EAGAIN
                    elif page.anonymous:
                        released += await self.keep(space, vpn, page)
            await self.kernel.unmap.finish(cpu, space, vpns, downgraded, False)
            await space.flushes.update(lambda flushes: flushes - 1)
        for page in released:
            await self.kernel.cache.put(page)
        return result

    async def unprotect(self, cpu: Cpu, space: AddressSpace, start: int, pages: int) -> int:
        """Let go of the snapshot of a range. Returns 0.

        The entries stay read-only until somebody writes: that fault finds the page its own again.
        """
        released: list[Page] = []
        async with space.mmap_lock.read, space.ptl:
            for vpn in range(start, start + pages):
                released += await self.drop(space, vpn)
        for page in released:
            await self.kernel.cache.put(page)
        return 0

    async def keep(self, space: AddressSpace, vpn: int, page: Page) -> list[Page]:
        """Let the snapshot share ``page``; returns what it had there before."""
        if space.snapshot.get(vpn) is page:
            return []
        before = await self.drop(space, vpn)
        space.snapshot[vpn] = page
        await self.kernel.cache.get(page)
        await page.keep(1)
        return before

    async def drop(self, space: AddressSpace, vpn: int) -> list[Page]:
        """What the snapshot had at ``vpn``: whose reference is the caller's to drop."""
        page = space.snapshot.pop(vpn, None)
        if page is None:
            return []
        await page.keep(-1)
        return [page]
