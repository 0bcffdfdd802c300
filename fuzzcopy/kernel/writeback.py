"""Writing dirty pages to the disk."""

from __future__ import annotations

from errno import EIO

from fuzzcopy.kernel.file import File
from fuzzcopy.kernel.page import Page
from fuzzcopy.kernel.path import Path
from fuzzcopy.machine import Cpu


class Writeback(Path):
    """fsync, and the writing of one page."""

    order = "writeback"

    async def fsync(self, cpu: Cpu, file: File) -> int:
        """Return 0 once everything written before the call is on the disk.

        ``-EIO`` if any of it has been lost; each program is told once of what has been.
        """
        await self.sync(cpu, file)
        return -EIO if await file.errors.check(cpu) else 0

    async def sync(self, cpu: Cpu, file: File) -> None:
        """Return once everything written before the call is on the disk."""
        started = []
        for index in await file.cached():
            page = await file.find(index)
            while page is not None:
                started.append(page)
                if await self.write_page(cpu, file, page):
                    break
                # Another page may have taken its place (zero copy), and be dirty.
                page = await file.find(index)
        for page in started:
            await page.wait_for_writeback()
            await self.kernel.cache.put(page)
            self.scheduler.progress()

    async def flush(self, cpu: Cpu) -> None:
        """A round of the flusher: submit what is dirty, of every file, and wait for nothing.

        What is under writeback already is left for the next round (``WB_SYNC_NONE``).
        """
        for file in self.kernel.files:
            for index in await file.cached():
                page = await file.find(index)
                if page is not None:
                    await self.write_page(cpu, file, page, wait=False)
                    await self.kernel.cache.put(page)

    async def write_page(self, cpu: Cpu, file: File, page: Page, *, wait: bool = True) -> bool:
        """Submit the write of ``page`` if it is dirty; false if it has left the cache.

        The page stays locked until its data is on its way. If an earlier write of it is not over,
        it is waited for, or without ``wait`` the page is left alone.
        """
        async with self.early("page", file), page.lock:
            there = await page.belongs_to(file)
            if there:
                if wait:
                    await page.wait_for_writeback()
                if await page.is_dirty() and (wait or not await page.is_under_writeback()):
                    await self.clean_and_submit(cpu, file, page)
        return there

    async def clean_and_submit(self, cpu: Cpu, file: File, page: Page) -> None:
        """First the entries that could dirty the page again are cleaned and write-protected.

        Then the dirty flag is cleared, and then the data goes out: a store in between faults and
        sets the flag again.
        """
        if await self.kernel.unmap.write_protect(cpu, file, page):
            await page.set_dirty()
        await page.clear_dirty()
        await self.submit(file, page)

    async def submit(self, file: File, page: Page) -> None:
        """Let the disk have the page. When its bytes are there, its extent is a written one.

        If that fails the page stays clean all the same, as in Linux: nobody could ever reclaim
        pages that a broken disk does not take. What was written is lost with the page, and whoever
        syncs the file is told.
        """
        index = page.index
        await self.kernel.allocate.reserve(file, index)

        def done() -> None:
            file.extents.put(index, "written")
            page.end_writeback()

        def failed() -> None:
            file.errors.record()
            page.end_writeback()

        await page.begin_writeback()
        self.machine.disk.write((file.name, index), page.frame, done, failed)
