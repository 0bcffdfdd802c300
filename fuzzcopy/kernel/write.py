"""The buffered write: lock a page, copy with faults disabled, commit what was copied."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from errno import EAGAIN, EFAULT, ENOMEM

from fuzzcopy.kernel.buffer import UserBuffer
from fuzzcopy.kernel.extents import Extent
from fuzzcopy.kernel.file import File
from fuzzcopy.kernel.page import Page
from fuzzcopy.kernel.path import Path
from fuzzcopy.machine import Cpu


class BufferedWrite(Path):
    """Today's ``generic_perform_write``, which is the design of the mail of 2002.

    The page that is going to be overwritten is locked and, if it is overwritten as a whole,
    not read in. So a fault on a mapping of that same page could never be served: the copy runs
    with page faults disabled, and only when it comes back with nothing are the user's pages
    faulted in, with the page unlocked.
    """

    order = "write"

    async def write(self, cpu: Cpu, file: File, offset: int, buffer: UserBuffer) -> int:
        """Write ``buffer`` at byte ``offset``.

        Returns the bytes written, possibly fewer than asked, or ``-EFAULT`` if the very first
        byte cannot be had, ``-EIO`` if a page cannot be read in, or ``-ENOMEM``.
        """
        space, index = self.kernel.space_of(cpu), offset // self.page_size
        async with self.early("inode", file, space=space, index=index, alone=True), file.lock:
            return await self.perform(cpu, file, offset, buffer)

    async def perform(self, cpu: Cpu, file: File, offset: int, buffer: UserBuffer) -> int:
        """The loop over pages, under the inode lock."""
        written = 0
        retry: int | None = None
        while written < buffer.length:
            at = offset + written
            length = self.step(at, buffer, written) if retry is None else retry
            if retry is not None:
                for tell in self.scheduler.bus.write_retried:
                    tell(cpu, retry)
            retry = None
            async with self.early("mmap", file, index=at // self.page_size, alone=True):
                moved = await self.transfer(cpu, file, at, buffer, written, length)
                if isinstance(moved, int):
                    return written or moved
                copied, accepted = moved
                if accepted:
                    written += accepted
                    self.scheduler.progress()
                elif copied:
                    # Not a whole page any more: this time the page is read in first.
                    retry = copied
                else:
                    missing = await self.fault_in(cpu, buffer, written, length)
                    if missing and missing == length:
                        return written or -EFAULT
                    retry = self.fall_back(at, buffer, written)
        return written

    def changing(self, file: File) -> AbstractAsyncContextManager[None]:
        """What is held while one page is changed: never across a page fault."""
        return file.fs_lock.write

    async def transfer(
        self, cpu: Cpu, file: File, at: int, buffer: UserBuffer, written: int, length: int
    ) -> tuple[int, int] | int:
        """Write ``length`` bytes at file offset ``at``, which lie in one page.

        Returns the bytes copied and the bytes accepted, or a negative errno.
        """
        await self.prepare(cpu, buffer, written, length)
        async with self.early("fs", file, index=at // self.page_size), self.changing(file):
            page = await self.begin(file, at, length)
            if isinstance(page, int):
                return page
            if page.lent:
                copy = await self.kernel.cache.take_back(cpu, file, page)
                if copy is None:
                    return -ENOMEM
                page = copy
            copied = await self.copy(cpu, page, at % self.page_size, buffer, written, length)
            return copied, await self.commit(file, page, at, length, copied)

    def step(self, at: int, buffer: UserBuffer, written: int) -> int:
        """How many bytes to write at file offset ``at``: never more than the page has left."""
        return min(self.page_size - at % self.page_size, buffer.length - written)

    def fall_back(self, at: int, buffer: UserBuffer, written: int) -> int:
        """How many bytes to try after nothing could be copied: those of a single segment.

        With many tiny segments the pages faulted in first could be gone again before the last.
        """
        return min(self.page_size - at % self.page_size, buffer.locate(written)[1])

    async def prepare(self, cpu: Cpu, buffer: UserBuffer, position: int, length: int) -> None:
        """Before the page is locked: nothing. The copy itself is the best test."""

    async def begin(self, file: File, at: int, length: int) -> Page | int:
        """The page for ``length`` bytes at ``at``, locked; or a negative errno.

        It is read in only if it is not uptodate and not overwritten as a whole. Where its bytes
        are on the disk is looked up first, with no page locked (``iomap_begin``).
        """
        cache = self.kernel.cache
        index = at // self.page_size
        if length == self.page_size:
            return await cache.grab(file, index) or -ENOMEM
        extent = await file.extents.find(index)
        while True:
            page = await cache.grab(file, index)
            if page is None:
                return -ENOMEM
            if await page.is_uptodate():
                return page
            if not await self.still_valid(file, extent):
                extent = await file.extents.find(index)
            if extent.state != "written":
                await cache.clear(page)
                return page
            result = await cache.fill(page, file)
            if result == 0:
                return page
            page.lock.release()
            await cache.put(page)
            if result != -EAGAIN:
                return result

    async def still_valid(self, file: File, extent: Extent) -> bool:
        """Whether what was looked up before the page was locked still holds.

        Meanwhile writeback may have written the page, converted its extent, and reclaim may have
        taken the page out: then this is a new page, and its bytes are on the disk.
        """
        return await file.extents.is_current(extent)

    async def copy(
        self, cpu: Cpu, page: Page, start: int, buffer: UserBuffer, position: int, length: int
    ) -> int:
        """Copy into the locked page; returns the number of bytes copied."""
        return await self.kernel.copy.from_user_atomic(cpu, page, start, buffer, position, length)

    async def commit(self, file: File, page: Page, at: int, length: int, copied: int) -> int:
        """Accept what was copied, unlock the page and let go of it.

        Returns the number of bytes accepted. A short copy into a page that is not uptodate is
        accepted as nothing: what surrounds it would be garbage.
        """
        accepted = copied
        if copied and not await page.is_uptodate():
            if copied == self.page_size:
                await page.set_uptodate()
            else:
                accepted = 0
        if accepted:
            await page.set_dirty()
            end = at + accepted
            if end > await file.size.get():
                await file.size.set(end)
        page.lock.release()
        await self.kernel.cache.put(page)
        return accepted

    async def fault_in(self, cpu: Cpu, buffer: UserBuffer, position: int, length: int) -> int:
        """Bring in the user's pages, with nothing locked but the inode.

        Returns how many bytes of the range cannot be had.
        """
        return await self.kernel.copy.fault_in(cpu, buffer, position, length)
