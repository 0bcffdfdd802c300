"""Writing without a copy: the writer's own page becomes the page of the file."""

from __future__ import annotations

from fuzzcopy.designs.design import Design
from fuzzcopy.designs.whole_page import aligned_page, own_memory
from fuzzcopy.kernel import BufferedWrite, File, Page, UserBuffer, Vma
from fuzzcopy.machine import ZERO, Cpu, Entry


class TakeWrite(BufferedWrite):
    """Takes whole, aligned pages of the writer's own memory into the cache; copies the rest.

    The page stays where it is in the process, but read-only and *lent*: a later store there makes
    the copy that was saved, and so does a later change of the file.
    """

    async def take(self, cpu: Cpu, file: File, at: int, buffer: UserBuffer, position: int) -> bool:
        """Make the user's page at ``position`` the page of ``file`` at ``at``.

        False if it has to be copied. Lock order: mmap, then the file system's, then page.
        """
        vpn = aligned_page(self.kernel, cpu, buffer, position)
        if vpn is None:
            return False
        space = self.kernel.space_of(cpu)
        async with space.mmap_lock.read:
            vma = await own_memory(space, vpn, writable=False)
            if vma is None:
                return False
            async with self.changing(file):
                page = await self.give_up(cpu, vma, vpn, buffer, position)
                if page is None:
                    return False
                await self.install(cpu, file, at // self.page_size, page)
                await self.commit(file, page, at, self.page_size, self.page_size)
        return True

    async def give_up(
        self, cpu: Cpu, vma: Vma, vpn: int, buffer: UserBuffer, position: int
    ) -> Page | None:
        """The process's page at ``vpn``, locked and no longer its own; ``None``: cannot be had."""
        raise NotImplementedError

    async def install(self, cpu: Cpu, file: File, index: int, page: Page) -> None:
        """Put the locked ``page`` into the cache, in the place of what is there."""
        page.name = file.place(index)
        while True:
            old = await file.find(index)
            if old is None:
                if await file.insert(index, page):
                    return
                continue
            await old.lock.acquire()
            there = await old.belongs_to(file)
            if there:
                await old.wait_for_writeback()
                await self.kernel.unmap.page_everywhere(cpu, file, old)
                await file.exchange(old, page)
            old.lock.release()
            await self.kernel.cache.put(old)
            if there:
                return

    def tell(self, cpu: Cpu, page: Page, buffer: UserBuffer, position: int) -> None:
        """Announce what the page held when it was taken."""
        for tell in self.scheduler.bus.page_taken:
            tell(cpu, page, buffer, position, page.frame.cells[:])


class WalkFirstWrite(TakeWrite):
    """Walks the page table before anything else, and takes what is mapped there."""

    async def transfer(
        self, cpu: Cpu, file: File, at: int, buffer: UserBuffer, written: int, length: int
    ) -> tuple[int, int] | int:
        if length == self.page_size and await self.take(cpu, file, at, buffer, written):
            return length, length
        return await super().transfer(cpu, file, at, buffer, written, length)

    async def give_up(
        self, cpu: Cpu, vma: Vma, vpn: int, buffer: UserBuffer, position: int
    ) -> Page | None:
        """The page must be the process's own, and nobody else may be using it."""
        space = vma.space
        cache = self.kernel.cache
        async with space.ptl:
            if await space.flushes.get():
                return None
            entry = await space.table.read(vpn)
            page = None if entry is None else self.kernel.page_of(entry.frame)
            if page is None or not page.anonymous or not await page.lock.try_acquire():
                return None
            await self.protect(cpu, vma, vpn)
            # Only now: somebody could have pinned it until the entry changed.
            if await cache.is_shared(page):
                page.lock.release()
                return None
            await cache.get(page)
            # From here on a store makes a copy.
            page.anonymous = False
            page.lent = True
            self.tell(cpu, page, buffer, position)
        return page

    async def protect(self, cpu: Cpu, vma: Vma, vpn: int) -> None:
        """Let no CPU store to the page any more. The caller holds the ptl."""
        space = vma.space
        entry = await space.table.clear(vpn)
        assert entry is not None
        await self.kernel.shootdown.flush(cpu, space, [vpn])
        await space.table.set(vpn, Entry(entry.frame, writable=False))


class AtomicFirstWrite(TakeWrite):
    """Copies with page faults disabled; takes a page that is not there yet."""

    async def transfer(
        self, cpu: Cpu, file: File, at: int, buffer: UserBuffer, written: int, length: int
    ) -> tuple[int, int] | int:
        moved = await super().transfer(cpu, file, at, buffer, written, length)
        if (
            not isinstance(moved, int)
            and moved[0] == 0
            and length == self.page_size
            and await self.take(cpu, file, at, buffer, written)
        ):
            return length, length
        return moved

    async def give_up(
        self, cpu: Cpu, vma: Vma, vpn: int, buffer: UserBuffer, position: int
    ) -> Page | None:
        """The zeroed page that a fault would have brought in: no CPU has a translation of it."""
        space = vma.space
        memory = self.machine.memory
        frame = await memory.alloc()
        if frame is None:
            return None
        page = self.kernel.new_page(f"anon {space.table.slot(vpn)}", frame)
        await memory.write(cpu, frame, 0, [ZERO] * self.page_size)
        page.lock.take_new()
        async with space.ptl:
            good = not await space.flushes.get() and await space.table.read(vpn) is None
            if good:
                page.lent = True
                await self.kernel.fault.map(vma, vpn, page, writable=False)
                self.tell(cpu, page, buffer, position)
        if good:
            return page
        page.lock.release()
        await self.kernel.cache.put(page)
        return None


class TakeOnFailure(Design):
    """write() makes the user's page the file's, but only if the atomic copy has failed.

    Then the page is not mapped, and no CPU can have a translation of it that would have to be
    taken away: what a fault would have brought in goes into the cache and is mapped read-only.
    """

    name = "take-on-failure"
    used_by = "the write side of the mail's rule; nobody's, as far as is known"
    write_path = AtomicFirstWrite


class WalkAndTake(Design):
    """write() always walks the page table and makes the user's page the file's.

    The page is write-protected in the process, every CPU is interrupted to forget that it was
    writable, and it takes the place of the page in the cache.
    """

    name = "walk-and-take"
    used_by = "vmsplice(2) with SPLICE_F_GIFT; the copy-on-write send of FreeBSD's zero_copy(9)"
    write_path = WalkFirstWrite
