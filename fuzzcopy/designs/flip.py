"""Reading without a copy: the page of the file is mapped copy-on-write where the copy would go."""

from __future__ import annotations

from fuzzcopy.designs.design import Design
from fuzzcopy.designs.whole_page import aligned_page, own_memory
from fuzzcopy.kernel import AddressSpace, BufferedRead, File, Page, UserBuffer, Vma
from fuzzcopy.machine import Cpu


class FlipRead(BufferedRead):
    """Maps whole, aligned pages into the reader's own memory; copies everything else.

    The page is *lent*: read-only in the process, and whoever wants to change it in the cache
    first puts a copy in its place. It is lent under its lock, so that no change is under way,
    and only while nobody can store to it through a mapping of the file.
    """

    async def flip(
        self, cpu: Cpu, file: File, page: Page, buffer: UserBuffer, position: int
    ) -> bool:
        """Show ``page`` at ``position`` of ``buffer``; false if it has to be copied."""
        vpn = aligned_page(self.kernel, cpu, buffer, position)
        if vpn is None:
            return False
        space = self.kernel.space_of(cpu)
        async with space.mmap_lock.read:
            vma = await own_memory(space, vpn, writable=True)
            if vma is None:
                return False
            async with page.lock:
                if not (
                    await page.belongs_to(file)
                    and await page.is_uptodate()
                    and not await self.kernel.unmap.is_writable(file, page)
                ):
                    return False
                return await self.show(cpu, vma, vpn, page, buffer, position)

    async def show(
        self, cpu: Cpu, vma: Vma, vpn: int, page: Page, buffer: UserBuffer, position: int
    ) -> bool:
        """Set the entry at ``vpn`` if that is empty and nobody owes a flush for it."""
        space = vma.space
        async with space.ptl:
            if await space.flushes.get() or await space.table.read(vpn) is not None:
                return False
            await self.lend(cpu, vma, vpn, page, buffer, position)
        return True

    async def lend(
        self, cpu: Cpu, vma: Vma, vpn: int, page: Page, buffer: UserBuffer, position: int
    ) -> None:
        """Set the empty entry at ``vpn``, and tell. The caller holds page lock and ptl."""
        page.lent = True
        await self.kernel.fault.map(vma, vpn, page, writable=False)
        for tell in self.scheduler.bus.page_flipped:
            tell(cpu, page, buffer, position, page.frame.cells[:])


class AtomicFirstRead(FlipRead):
    """Copies with page faults disabled, and flips what could not be copied like that."""

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
        copy = self.kernel.copy
        if length < self.page_size:
            return await copy.to_user(cpu, page, start, buffer, position, length)
        done = await copy.to_user_atomic(cpu, page, start, buffer, position, length)
        if done == 0 and await self.flip(cpu, file, page, buffer, position):
            return length
        if done < length:
            done += await copy.to_user(
                cpu, page, start + done, buffer, position + done, length - done
            )
        return done


class WalkFirstRead(FlipRead):
    """Walks the page table before anything else, and replaces what is mapped there."""

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
        if length == self.page_size and await self.flip(cpu, file, page, buffer, position):
            return length
        return await self.kernel.copy.to_user(cpu, page, start, buffer, position, length)

    async def show(
        self, cpu: Cpu, vma: Vma, vpn: int, page: Page, buffer: UserBuffer, position: int
    ) -> bool:
        """Clear the entry at ``vpn``, flush, set it, and only then let go of what it showed."""
        space = vma.space
        old: Page | None = None
        async with space.ptl:
            if await space.flushes.get():
                return False
            entry = await space.table.clear(vpn)
            if entry is not None:
                old = self.kernel.page_of(entry.frame)
                await self.retire(cpu, space, vpn, old)
            await self.lend(cpu, vma, vpn, page, buffer, position)
        if old is not None:
            await self.release(old)
        return True

    async def retire(self, cpu: Cpu, space: AddressSpace, vpn: int, old: Page) -> None:
        """No CPU can use the entry that showed ``old`` any more. The caller holds the ptl."""
        await self.kernel.shootdown.flush(cpu, space, [vpn])

    async def release(self, old: Page) -> None:
        """Let go of the page that was replaced."""
        await old.unmapped()
        await self.kernel.cache.put(old)


class FlipOnFailure(Design):
    """read() maps the file's page copy-on-write, but only if the atomic copy has failed.

    The mail's rule: the copy is the test. If it succeeds there is nothing to gain; if it fails the
    page is not there, a fault would have been due, and no other CPU can know a translation, so
    nothing needs to be flushed. Failure is a hint, not a proof: the entry is looked at again under
    its lock.
    """

    name = "flip-on-failure"
    used_by = "proposed on linux-kernel in 2002"
    read_path = AtomicFirstRead


class WalkAndFlip(Design):
    """read() always walks the page table and maps the file's page in place of what is there.

    What zero-copy receive did before it learnt better: the page in the way is taken out, every
    CPU of the process is interrupted to forget it, and only then is the new one mapped.
    """

    name = "walk-and-flip"
    used_by = "page flipping on receive in FreeBSD's zero_copy(9)"
    read_path = WalkFirstRead
