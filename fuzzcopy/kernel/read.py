"""The buffered read."""

from __future__ import annotations

from errno import EFAULT

from fuzzcopy.kernel.buffer import UserBuffer
from fuzzcopy.kernel.file import File
from fuzzcopy.kernel.page import Page
from fuzzcopy.kernel.path import Path
from fuzzcopy.machine import Cpu


class BufferedRead(Path):
    """``filemap_read``: copies out of uptodate pages without locking them."""

    async def read(self, cpu: Cpu, file: File, offset: int, buffer: UserBuffer) -> int:
        """Read into ``buffer`` from byte ``offset`` on.

        Returns the bytes read (0 at the end of the file), ``-EFAULT`` if not even the first
        can be stored, ``-EIO`` if it cannot be read, or ``-ENOMEM``.
        """
        cache = self.kernel.cache
        done = 0
        while done < buffer.length:
            at = offset + done
            if at >= await file.size.get():
                break
            page = await self.uptodate_page(file, at // self.page_size)
            if isinstance(page, int):
                return done or page
            start = at % self.page_size
            # Only now: a size sampled before could promise bytes that a truncation has
            # already zeroed, or that the page did not have when it was read in.
            size = await file.size.get()
            length = min(self.page_size - start, buffer.length - done, size - at)
            copied = 0
            if length > 0:
                copied = await self.deliver(cpu, file, page, start, buffer, done, length)
            await cache.put(page)
            done += copied
            if copied:
                self.scheduler.progress()
            if length <= 0:
                break
            if copied < length:
                return done or -EFAULT
        return done

    async def deliver(
        self,
        cpu: Cpu,
        file: File,
        page: Page,
        start: int,
        buffer: UserBuffer,
        position: int,
        length: int,
    ) -> int:
        """Give the user ``length`` bytes of the page; returns how many could be given."""
        return await self.kernel.copy.to_user(cpu, page, start, buffer, position, length)

    async def uptodate_page(self, file: File, index: int) -> Page | int:
        """The page at ``index``, uptodate, with a reference, not locked; or a negative errno."""
        cache = self.kernel.cache
        page = await file.find(index)
        if page is not None:
            if await page.is_uptodate():
                return page
            await cache.put(page)
        async with file.invalidate.read, file.fs_lock.read:
            found = await cache.get_uptodate(file, index)
            if not isinstance(found, int):
                found.lock.release()
        return found
