"""Migration: the same page in another frame."""

from __future__ import annotations

from errno import EAGAIN, EBUSY, ENOMEM

from fuzzcopy.kernel.file import File
from fuzzcopy.kernel.page import Page
from fuzzcopy.kernel.path import Path
from fuzzcopy.machine import Cpu, Frame


class Migrate(Path):
    """Moves a page that nobody else uses, as compaction does."""

    async def migrate(self, cpu: Cpu, file: File, index: int) -> int:
        """Move the page at ``index``. Returns 0, or ``-EAGAIN``, ``-EBUSY``, ``-ENOMEM``."""
        cache = self.kernel.cache
        page = await file.find(index)
        if page is None:
            return -EAGAIN
        if not await page.lock.try_acquire():
            await cache.put(page)
            return -EBUSY
        result = -EAGAIN
        if (
            await page.belongs_to(file)
            and await page.is_uptodate()
            and not await page.is_under_writeback()
        ):
            result = await self.move(cpu, file, page)
        page.lock.release()
        await cache.put(page)
        return result

    async def move(self, cpu: Cpu, file: File, page: Page) -> int:
        """Unmap the locked page everywhere, copy it, and let go of the old frame.

        Unmapping moves the entries' dirty bits to the page. The entries are not put back: a
        fault finds the page in its new frame.
        """
        memory = self.machine.memory
        frame = await memory.alloc()
        if frame is None:
            return -ENOMEM  # compaction reclaims nothing itself
        await self.unmap(cpu, file, page)
        if not await file.freeze(page, expected_refs=2):
            await memory.free(frame)
            return -EAGAIN
        old = page.frame
        cells = await memory.read(cpu, old, 0, self.page_size)
        await memory.write(cpu, frame, 0, cells)
        await self.switch(page, frame)
        await file.thaw(page, refs=2)
        await memory.free(old)
        return 0

    async def unmap(self, cpu: Cpu, file: File, page: Page) -> None:
        """Take the page out of every page table, dirty bits and all."""
        await self.kernel.unmap.page_everywhere(cpu, file, page)

    async def switch(self, page: Page, frame: Frame) -> None:
        """From now on the page is in ``frame``."""
        old = page.frame
        await page.move_to(frame)
        self.kernel.moved(page, old)
