"""Truncation and extension."""

from __future__ import annotations

from errno import ENOMEM

from fuzzcopy.kernel.file import File
from fuzzcopy.kernel.path import Path
from fuzzcopy.kernel.unmap import FOREVER
from fuzzcopy.machine import Cpu


class Truncate(Path):
    """Changes a file's size: first the size, then the mappings, then the pages, then the disk."""

    order = "truncate"

    async def truncate(self, cpu: Cpu, file: File, size: int) -> int:
        """Make ``file`` exactly ``size`` bytes long. Returns 0, ``-EIO`` or ``-ENOMEM``."""
        first, end = size // self.page_size, FOREVER
        async with self.early("inode", file, first=first, end=end, alone=True), file.lock:
            old = await file.size.get()
            if size >= old:
                await file.size.set(size)
                return 0
            async with (
                self.early("invalidate", file, first=first, end=end),
                file.invalidate.write,
            ):
                if size % self.page_size:
                    async with self.early("page", file):
                        result = await self.zero_tail(cpu, file, size)
                    if result:
                        return result
                await file.size.set(size)
                first = -(-size // self.page_size)  # past the page that has been zeroed
                await self.kernel.unmap.range_everywhere(cpu, file, first)
                for index in await file.cached(first):
                    await self.drop(cpu, file, index)
                await self.kernel.allocate.release(file, first, FOREVER)
        return 0

    async def zero_tail(self, cpu: Cpu, file: File, size: int) -> int:
        """Zero the rest of the page that ``size`` falls into, in the cache and so on the disk.

        Returns 0, or a negative errno: then nothing has been done.
        """
        cache = self.kernel.cache
        page = await cache.get_uptodate(file, size // self.page_size)
        if isinstance(page, int):
            return page
        if page.lent:
            copy = await cache.take_back(cpu, file, page)
            if copy is None:
                return -ENOMEM
            page = copy
        await cache.zero(cpu, page, size % self.page_size, self.page_size)
        await page.set_dirty()
        page.lock.release()
        await cache.put(page)
        return 0

    async def drop(self, cpu: Cpu, file: File, index: int) -> None:
        """Take a page that is past the end out of the cache, whoever has it."""
        page = await file.find(index)
        if page is None:
            return
        async with self.early("page", file), page.lock:
            if await page.belongs_to(file):
                await page.wait_for_writeback()
                # A fault that was under way when the range was unmapped may have mapped it since.
                await self.kernel.unmap.page_everywhere(cpu, file, page)
                await page.clear_dirty()
                await file.remove(page)
        await self.kernel.cache.put(page)
