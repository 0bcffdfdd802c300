"""Read-ahead: pages that somebody is going to want are read while nobody waits for them."""

from __future__ import annotations

from fuzzcopy.kernel.file import File
from fuzzcopy.kernel.path import Path


class ReadAhead(Path):
    """``page_cache_ra_unbounded``: puts pages into the cache before their data is there.

    Each is locked and not uptodate until its I/O is over, and the I/O has the lock. So whoever
    finds one waits for it, and whoever takes pages out of the cache does as well. If the read
    fails, the page stays as it is, and the next who wants it tries again.
    """

    async def read_ahead(self, file: File, first: int, pages: int) -> int:
        """Start to read ``pages`` from page ``first`` on, as far as they are not cached. Returns 0.

        It stops at the end of the file, and where memory runs out. The invalidate lock is held, as
        by everybody who brings pages in.
        """
        async with file.invalidate.read, file.fs_lock.read:
            for index in range(first, first + pages):
                if index * self.page_size >= await file.size.get():
                    break
                if not await self.start(file, index):
                    break
        return 0

    async def start(self, file: File, index: int) -> bool:
        """Start to read one page, unless it is cached; false if memory is full."""
        cache = self.kernel.cache
        page = await file.find(index)
        if page is None:
            page = await cache.add(file, index)
            if page is None:
                return False
            if page.file is not file:
                return True  # somebody was faster
            if (await file.extents.find(index)).state == "written":
                cache.submit_read(page, file)
            else:
                await cache.clear(page)
                page.lock.release()
        await cache.put(page)
        return True
