"""The page is mapped while the disk is still filling it."""

from __future__ import annotations

from errno import ENOMEM

from fuzzcopy.bugs.bug import Bug
from fuzzcopy.designs.flip import WalkFirstRead
from fuzzcopy.kernel import File, Page, UserBuffer
from fuzzcopy.machine import Cpu


class EagerFlipRead(WalkFirstRead):
    """Starts the read from the disk and maps the page at once: the data will come."""

    async def uptodate_page(self, file: File, index: int) -> Page | int:
        cache = self.kernel.cache
        async with file.invalidate.read, file.fs_lock.read:
            page = await cache.grab(file, index)
            if page is None:
                return -ENOMEM
            if await page.is_uptodate():
                page.lock.release()
            else:
                cache.submit_read(page, file)
        return page

    async def flip(
        self, cpu: Cpu, file: File, page: Page, buffer: UserBuffer, position: int
    ) -> bool:
        vpn = buffer.locate(position)[0] // self.page_size
        space = self.kernel.space_of(cpu)
        async with space.mmap_lock.read:
            vma = await space.find(vpn)
            if vma is None or vma.file is not None or not vma.writable:
                return False
            return await self.show(cpu, vma, vpn, page, buffer, position)


class FlipNotUptodate(Bug):
    """read() maps the page into the process while its data is still on the way.

    Mapping is quicker than waiting, and nothing says no: an entry has no bit for "not yet". The
    process reads what the frame held in its previous life. The lock of the page and its uptodate
    flag are what a copy looks at; whoever maps instead of copying must look as well.
    """

    name = "flip-not-uptodate"
    year = 2002
    verdicts = ("not-uptodate exposure", "torn read")
    fixed_by = "never shipped in Linux; a fault keeps the page locked until it is uptodate"
    smallest = (1, 1, 0)
    read_path = EagerFlipRead
