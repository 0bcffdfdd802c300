"""Reclaim of page-cache pages: on demand, by kswapd, and directly by whoever needs a frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fuzzcopy.kernel.early import Apart
from fuzzcopy.kernel.file import File
from fuzzcopy.kernel.page import Page
from fuzzcopy.kernel.path import Path
from fuzzcopy.machine import Cpu, Frame
from fuzzcopy.sched import Cell

if TYPE_CHECKING:
    from fuzzcopy.kernel.kernel import Kernel

Place = tuple[File, int]
"""A file, and the index of a page of it."""

BATCH = 2
"""Pages taken on together (Linux: ``SWAP_CLUSTER_MAX``, 32)."""

RETRIES = 8
"""Direct reclaims in vain, or at least without anybody getting anywhere, before memory counts as
exhausted (Linux: ``MAX_RECLAIM_RETRIES``, 16). Two CPUs that take pages from each other end so."""


class Reclaim(Path):
    """Takes pages out of the cache that nobody needs, if nothing is lost with them.

    Page locks are only tried, never waited for: who allocates may hold locks, a page's among them.
    """

    order = "reclaim"

    def __init__(self, kernel: Kernel) -> None:
        super().__init__(kernel)
        self.hand = Cell(self.scheduler, "reclaim hand", 0)
        self.tries = Cell(self.scheduler, "reclaim tries", (0, 0))

    async def reclaim(self, cpu: Cpu, file: File, index: int) -> int:
        """Try to free the page at ``index``, if it is clean. Returns the pages freed: 0 or 1."""
        busy: list[Page] = []
        freed = await self.shrink(cpu, [(file, index)], busy)
        await self.release(busy)
        return freed

    async def balance(self, cpu: Cpu) -> None:
        """A round of kswapd: the next few pages of files, and one that was freed lazily."""
        await self.free_one(cpu, (await self.places())[:BATCH])
        await self.kernel.lazyfree.drop_one(cpu)

    async def alloc(self) -> Frame | None:
        """A frame: a free one, or else one that direct reclaim has freed.

        ``None`` if nothing helps. May wait for the disk, but for no lock that a caller can hold:
        inode, mmap, invalidate, fs and page locks are all fine, those inside the page lock not.
        """
        memory = self.machine.memory
        frame = await memory.alloc()
        with Apart(self.scheduler):
            while frame is None and await self.worth_trying():
                cpu = self.kernel.this_cpu()
                freed = await self.free_one(cpu, await self.places())
                if not freed and not await self.kernel.lazyfree.drop_one(cpu):
                    break
                frame = await memory.alloc()
        if frame is None:
            for tell in self.scheduler.bus.out_of_memory:
                tell(self.kernel.this_cpu())
        return frame

    async def worth_trying(self) -> bool:
        """Whether not too much has been reclaimed since anybody last got anywhere."""
        progress = self.scheduler.progressed

        def another(tries: tuple[int, int]) -> tuple[int, int]:
            at, count = tries
            return progress, count + 1 if at == progress else 1

        return another(await self.tries.update(another))[1] <= RETRIES

    async def free_one(self, cpu: Cpu, places: Sequence[Place]) -> bool:
        """Free the first page that can be freed, or a few; false if there is none.

        Dirty pages are sent to the disk on the way; if nothing could go at once, those on their way
        to the disk are waited for and looked at again.
        """
        for _ in range(2):
            busy: list[Page] = []
            freed = 0
            for first in range(0, len(places), BATCH):
                freed = await self.shrink(cpu, places[first : first + BATCH], busy, write=True)
                if freed:
                    break
            if not freed:
                for page in busy:
                    await page.wait_for_writeback()
            await self.release(busy)
            if freed or not busy:
                return freed > 0
        return False

    async def places(self) -> list[Place]:
        """Every cached page, from the hand of the clock on, which moves by a batch."""
        places = [(file, i) for file in self.kernel.files for i in await file.cached()]
        at = await self.hand.update(lambda hand: hand + BATCH)
        at %= max(len(places), 1)
        return places[at:] + places[:at]

    async def shrink(
        self, cpu: Cpu, places: Sequence[Place], busy: list[Page], *, write: bool = False
    ) -> int:
        """Try to free the pages at ``places`` together. Returns how many were freed.

        Unmapped, and the TLBs flushed, before any of them leaves the cache; whether one is dirty
        is looked at after that; and it leaves only if nobody else has a reference. With
        ``write``, dirty pages are sent to the disk. Those on their way there go to ``busy``, with
        a reference.
        """
        async with self.early("page", *dict.fromkeys(file for file, _ in places)):
            return await self.take_out(cpu, places, busy, write=write)

    async def take_out(
        self, cpu: Cpu, places: Sequence[Place], busy: list[Page], *, write: bool
    ) -> int:
        """:meth:`shrink`, in whatever order the locks are taken."""
        cache = self.kernel.cache
        pages = []
        for file, index in places:
            candidate = await self.isolate(file, index, busy)
            if candidate is not None:
                pages.append(candidate)
        for page in pages:
            self.scheduler.touch(page, False)
        mapped = [page.mapcount > 0 for page in pages]
        await self.kernel.unmap.pages_everywhere(cpu, pages)
        freed = 0
        for page, was_mapped in zip(pages, mapped, strict=True):
            owner = page.file
            assert owner is not None
            dirty = await page.is_dirty()
            gone = not dirty and await owner.remove(page, expected_refs=2)
            for tell in self.scheduler.bus.page_scanned:
                tell(page, was_mapped, dirty, gone)
            freed += gone
            if dirty and write:
                await self.kernel.writeback.clean_and_submit(cpu, owner, page)
                page.lock.release()
                busy.append(page)
            else:
                page.lock.release()
                await cache.put(page)
        return freed

    async def isolate(self, file: File, index: int, busy: list[Page]) -> Page | None:
        """The page at ``index``, locked and with a reference, if it can be had without waiting."""
        page = await file.find(index)
        if page is None:
            return None
        if await page.lock.try_acquire():
            mine = await page.belongs_to(file)
            if mine and not await page.is_under_writeback():
                return page
            page.lock.release()
            if mine:
                busy.append(page)
                return None
        await self.kernel.cache.put(page)
        return None

    async def release(self, pages: Sequence[Page]) -> None:
        """Drop the references to ``pages``."""
        for page in pages:
            await self.kernel.cache.put(page)
