"""A page is mapped again between its unmapping and its removal."""

from __future__ import annotations

from fuzzcopy.bugs.bug import Bug
from fuzzcopy.kernel import File, Invalidate
from fuzzcopy.machine import Cpu


class UnmapThenLock(Invalidate):
    """Unmaps first, takes the page lock afterwards."""

    async def drop(self, cpu: Cpu, file: File, index: int) -> bool:
        await self.kernel.unmap.range_everywhere(cpu, file, index, end=index + 1, even_copies=False)
        page = await file.find(index)
        if page is None:
            return True
        await page.lock.acquire()
        gone = True
        if await page.belongs_to(file):
            await page.wait_for_writeback()
            gone = not await page.is_dirty() and await file.remove(page)
        page.lock.release()
        await self.kernel.cache.put(page)
        return gone


class FaultVsInvalidate(Bug):
    """Invalidation unmaps a page, a fault maps it again, then it leaves the cache while mapped.

    From then on the process and the file have different pages: what is stored through the
    mapping reaches no file, and what is written to the file is never seen through the mapping.
    Most often it shows at the first fault after that: the entry does not show the page that the
    cache has, is taken for somebody else's newer work and left alone, and the access faults for
    ever. Nick Piggin closed it by giving faults the page lock.
    """

    name = "fault-vs-invalidate"
    year = 2007
    verdicts = ("livelock", "lost write", "torn read", "lost dirty")
    fixed_by = 'd00806b18315 "mm: fix fault vs invalidate race for linear mappings" (2.6.23)'
    smallest = (2, 2, 1)
    invalidate_path = UnmapThenLock
