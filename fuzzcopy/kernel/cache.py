"""Getting a page of a file: found or allocated, locked, read in."""

from __future__ import annotations

from errno import EAGAIN, EIO, ENOMEM

from fuzzcopy.kernel.file import File
from fuzzcopy.kernel.page import Page
from fuzzcopy.kernel.path import Path
from fuzzcopy.machine import ZERO, Cpu


class PageCache(Path):
    """The page cache's common services to the other paths."""

    async def grab(self, file: File, index: int) -> Page | None:
        """The page at ``index``, locked, with a reference; ``None`` if memory is full.

        A page found locked is checked again once the lock is had: it may have been truncated
        or reclaimed meanwhile, and then it is no longer this file's page.
        """
        while True:
            page = await file.find(index)
            if page is None:
                page = await self.add(file, index)
                if page is None:
                    return None
                if page.file is file:
                    return page
                continue
            await page.lock.acquire()
            if await page.belongs_to(file):
                return page
            page.lock.release()
            await self.put(page)

    async def add(self, file: File, index: int) -> Page | None:
        """A new page at ``index``, locked and not uptodate; ``None`` if memory is full.

        If somebody else was faster, the page comes back in no file, unlocked and freed.
        """
        frame = await self.kernel.reclaim.alloc()
        if frame is None:
            return None
        page = self.kernel.new_page(file.place(index), frame)
        # Locked before anybody can see it.
        page.lock.take_new()
        if not await file.insert(index, page):
            page.lock.release()
            await self.put(page)
        return page

    async def fill(self, page: Page, file: File) -> int:
        """Read in a locked page that is not uptodate. Returns with the page locked again.

        0 if it is now an uptodate page of ``file``; ``-EAGAIN`` if it was truncated or reclaimed
        meanwhile, ``-EIO`` if it could not be read, and stays as it is. The I/O takes the lock over
        and drops it when it is over. Where nothing was ever written there is nothing to read.
        """
        extent = await file.extents.find(page.index)
        if extent.state != "written":
            await self.clear(page)
            return 0
        self.submit_read(page, file)
        await page.lock.acquire()
        if not await page.belongs_to(file):
            return -EAGAIN
        return 0 if await page.is_uptodate() else -EIO

    async def clear(self, page: Page) -> None:
        """Make a locked page that is not uptodate one of zeros, without any I/O."""
        await self.zero(self.kernel.this_cpu(), page, 0, self.page_size)
        await page.set_uptodate()

    def submit_read(self, page: Page, file: File) -> None:
        """Start reading a locked page from the disk; its completion sets uptodate and unlocks.

        If the read fails, the page is unlocked as it was: not uptodate.
        """

        def done() -> None:
            page.mark("uptodate", True)
            unlock()

        def unlock() -> None:
            page.lock.release_from(owner.pop())  # else the event would be kept by what it does

        owner = [self.machine.disk.read((file.name, page.index), page.frame, done, unlock)]
        page.lock.give_to(owner[0])

    async def get_uptodate(self, file: File, index: int) -> Page | int:
        """The page at ``index``, locked and uptodate, with a reference; or ``-ENOMEM``, ``-EIO``.

        The caller holds the invalidate lock shared, or something stronger.
        """
        while True:
            page = await self.grab(file, index)
            if page is None:
                return -ENOMEM
            result = 0 if await page.is_uptodate() else await self.fill(page, file)
            if result == 0:
                return page
            page.lock.release()
            await self.put(page)
            if result != -EAGAIN:
                return result

    async def zero(self, cpu: Cpu, page: Page, start: int, end: int) -> None:
        """Write zeros into bytes ``start`` to ``end`` of a locked page."""
        await self.machine.memory.write(cpu, page.frame, start, [ZERO] * (end - start))

    async def take_back(self, cpu: Cpu, file: File, page: Page) -> Page | None:
        """What to change in the place of a ``lent`` page, which is locked: a copy, locked.

        The page leaves the cache, and those it was lent to keep it as it is. If all of them
        have let go of it meanwhile, it is itself what is returned. ``None`` if memory is full;
        then ``page`` has been unlocked and let go of, as it is with a copy.
        """
        await page.wait_for_writeback()  # which must not overtake that of the copy
        await self.kernel.unmap.page_everywhere(cpu, file, page)
        if not await page.is_mapped():
            page.lent = False
            return page
        copy = None
        frame = await self.kernel.reclaim.alloc()
        if frame is not None:
            copy = self.kernel.new_page(page.name, frame)
            copy.lock.take_new()
            await self.duplicate(cpu, page, copy)
            await file.exchange(page, copy)
        page.lock.release()
        await self.put(page)
        return copy

    async def duplicate(self, cpu: Cpu, page: Page, copy: Page) -> None:
        """Make ``copy`` hold what the locked, uptodate ``page`` holds, and be dirty if it is."""
        memory = self.machine.memory
        cells = await memory.read(cpu, page.frame, 0, self.page_size)
        await memory.write(cpu, copy.frame, 0, cells)
        await copy.set_uptodate()
        if await page.is_dirty():
            await copy.set_dirty()

    async def get(self, page: Page) -> None:
        """Take another reference. The caller knows that there is one already."""
        scheduler = self.scheduler
        if scheduler.turn("page.get", page.name, True):
            await scheduler.pass_baton()
        page.refs += 1

    async def is_shared(self, page: Page) -> bool:
        """Whether anybody but its one page-table entry has a reference to ``page``."""
        scheduler = self.scheduler
        if scheduler.turn("page.refs?", page.name, False):
            await scheduler.pass_baton()
        return page.refs > 1

    async def put(self, page: Page) -> None:
        """Drop a reference; the frame is freed with the last one."""
        scheduler = self.scheduler
        if scheduler.turn("page.put", page.name, True):
            await scheduler.pass_baton()
        page.refs -= 1
        if page.refs == 0:
            await self.kernel.free_page(page)
