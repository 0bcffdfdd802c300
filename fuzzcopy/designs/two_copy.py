"""The slow path of 2.6.24: copy twice, through a page of one's own."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager, nullcontext

from fuzzcopy.designs.design import Design
from fuzzcopy.kernel import BufferedWrite, File, Page, UserBuffer
from fuzzcopy.machine import Cpu


class TwoCopyWrite(BufferedWrite):
    """``generic_perform_write_2copy``: a page that is not uptodate is never copied into directly.

    It is unlocked, the user's bytes go to a temporary page, faults and all, and from there into
    the page once it is locked again (commit 08291429cfa6). While it was unlocked it may have
    left the cache; so it is checked again.
    """

    def changing(self, file: File) -> AbstractAsyncContextManager[None]:
        """Nothing: this copy faults in its middle; the file systems of then had no such lock."""
        return nullcontext()

    async def copy(
        self, cpu: Cpu, page: Page, start: int, buffer: UserBuffer, position: int, length: int
    ) -> int:
        file = page.file
        assert file is not None
        if await page.is_uptodate():
            return await super().copy(cpu, page, start, buffer, position, length)
        frame = await self.kernel.reclaim.alloc()
        if frame is None:
            return await super().copy(cpu, page, start, buffer, position, length)
        temporary = self.kernel.new_page(f"temporary of {cpu}", frame)
        page.lock.release()
        copied = await self.kernel.copy.from_user(cpu, temporary, start, buffer, position, length)
        await page.lock.acquire()
        if not await self.still_there(page, file):
            copied = 0
        elif copied:
            memory = self.machine.memory
            cells = await memory.read(cpu, frame, start, start + copied)
            await memory.write(cpu, page.frame, start, cells)
        await self.kernel.cache.put(temporary)
        return copied

    async def still_there(self, page: Page, file: File) -> bool:
        """Whether the page, locked again, is still the one to write to."""
        return await page.belongs_to(file)


class TwoCopy(Design):
    """A page that is not uptodate is filled by way of a temporary page.

    The first cure of the deadlock that was merged: correct everywhere, but each new page costs an
    allocation and is copied twice, so file systems were moved off it one by one.
    """

    name = "two-copy"
    used_by = "Linux 2.6.24 and after, for file systems without write_begin"
    write_path = TwoCopyWrite
