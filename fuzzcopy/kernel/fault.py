"""Page faults."""

from __future__ import annotations

from fuzzcopy.kernel.early import Apart
from fuzzcopy.kernel.page import Page
from fuzzcopy.kernel.path import Path
from fuzzcopy.kernel.space import AddressSpace, Vma
from fuzzcopy.machine import ZERO, Cpu, Entry


class Fault(Path):
    """Brings in what a user access needs.

    A page stays locked from before it is known to be uptodate until its page-table entry is
    set; whoever invalidates unmaps under the same lock. So no entry shows a page that is not
    uptodate or has left the cache.
    """

    order = "fault"

    async def handle(self, cpu: Cpu, address: int, write: bool) -> bool:
        """Handle a fault at a user ``address``; false if the access cannot be allowed."""
        space = self.kernel.space_of(cpu)
        if self.machine.mmu.is_poisoned(space.table, address):
            return False
        with Apart(self.scheduler, space.mmap_lock):
            async with self.early("mmap", space=space), space.mmap_lock.read:
                good = await self.resolve(cpu, address // self.page_size, write)
        for tell in self.scheduler.bus.fault_handled:
            tell(cpu, address, write, good)
        return good

    async def resolve(self, cpu: Cpu, vpn: int, write: bool, *, force: bool = False) -> bool:
        """:meth:`handle` with the mmap lock held.

        With ``force``, a private mapping that is not writable gets a copy of its own all the same.
        """
        space = self.kernel.space_of(cpu)
        vma = await space.find(vpn)
        if vma is None or (write and not vma.writable and (vma.shared or not force)):
            return False
        entry = await space.table.read(vpn)
        if entry is not None and self.kernel.page_of(entry.frame).anonymous:
            return await self.own(cpu, vma, vpn, write)
        if vma.file is None:
            if entry is not None:
                return not write or await self.copy_lent(cpu, vma, vpn)
            return await self.anonymous(cpu, vma, vpn)
        return await self.from_file(cpu, vma, vpn, write)

    async def own(self, cpu: Cpu, vma: Vma, vpn: int, write: bool) -> bool:
        """The process's own page is there already: make it writable if that is what is missing.

        A page that somebody else has as well, since a fork or for a snapshot, is copied. More
        permission needs no flush: who does not know of it yet faults once more. In a mapping
        that is not writable it stays read-only, and is marked dirty for who writes by force.
        """
        if not write:
            return True
        space = vma.space
        async with space.ptl:
            entry = await space.table.read(vpn)
            if entry is None or entry.writable:
                return True
            page = self.kernel.page_of(entry.frame)
            if not page.anonymous:
                return True  # another page since; whoever still lacks something faults again
            if not await page.is_kept() and await page.is_exclusive():
                dirty = entry.dirty or not vma.writable
                fresh = Entry(entry.frame, writable=vma.writable, dirty=dirty)
                await space.table.set(vpn, fresh)
                return True
            await self.settle(cpu, space, vpn)
            await self.kernel.cache.get(page)
        good = await self.copy_own(cpu, vma, vpn, entry, page)
        await self.kernel.cache.put(page)
        return good

    async def settle(self, cpu: Cpu, space: AddressSpace, vpn: int) -> None:
        """See that a read-only entry is so in every TLB.

        Who took the permission away may not have flushed yet.
        """
        if await space.flushes.get():
            await self.kernel.shootdown.flush(cpu, space, [vpn])

    async def copy_own(self, cpu: Cpu, vma: Vma, vpn: int, seen: Entry, page: Page) -> bool:
        """Put a copy in the place of a shared page, if the entry is still the one ``seen``."""
        memory = self.machine.memory
        space = vma.space
        frame = await self.kernel.reclaim.alloc()
        if frame is None:
            return False
        copy = self.kernel.new_page(f"copy {space.table.slot(vpn)}", frame)
        copy.anonymous = True
        cells = await memory.read(cpu, page.frame, 0, self.page_size)
        for tell in self.scheduler.bus.copied_to_replace:
            tell(cpu, space, vpn, page)
        await memory.write(cpu, frame, 0, cells)
        async with space.ptl:
            same = await space.table.read(vpn) is seen
            if same:
                await self.replace(cpu, vma, vpn, copy)
        if same:
            await page.unmapped()
            await self.kernel.cache.put(page)
        await self.kernel.cache.put(copy)
        return True

    async def anonymous(self, cpu: Cpu, vma: Vma, vpn: int) -> bool:
        """A zeroed page of the process's own."""
        memory = self.machine.memory
        frame = await self.kernel.reclaim.alloc()
        if frame is None:
            return False
        page = self.kernel.new_page(f"anon {vma.space.table.slot(vpn)}", frame)
        page.anonymous = True
        await memory.write(cpu, frame, 0, [ZERO] * self.page_size)
        async with vma.space.ptl:
            if await vma.space.table.read(vpn) is None:
                await self.map(vma, vpn, page, writable=vma.writable)
        await self.kernel.cache.put(page)
        return True

    async def copy_lent(self, cpu: Cpu, vma: Vma, vpn: int) -> bool:
        """A page of the cache is shown in the process's own memory, in place of a copy (zero copy).

        Now that it is written to, the copy is made after all.
        """
        async with vma.space.ptl:
            entry = await vma.space.table.read(vpn)
            page = None if entry is None else self.kernel.page_of(entry.frame)
            if page is None or page.anonymous:
                return True  # somebody was faster; whoever still lacks something faults again
            await self.kernel.cache.get(page)
        good = await self.copy_on_write(cpu, vma, vpn, page)
        await self.kernel.cache.put(page)
        return good

    async def from_file(self, cpu: Cpu, vma: Vma, vpn: int, write: bool) -> bool:
        """A page of the mapped file: itself if shared or only read, else a copy of it."""
        file = vma.file
        assert file is not None
        cache = self.kernel.cache
        index = vma.index_of(vpn)
        space = vma.space
        async with (
            self.early("invalidate", file, space=space, index=index),
            file.invalidate.read,
            self.early("fs", file, space=space, index=index),
            file.fs_lock.read,
            self.early("page", file, space=space),
        ):
            # While the invalidate lock is held the file can grow, not shrink.
            if index * self.page_size >= await file.size.get():
                return False  # SIGBUS: the page is past the end of the file
            page = await cache.get_uptodate(file, index)
            if isinstance(page, int):
                return False  # no memory, or SIGBUS: it cannot be read in
            if page.lent and write and vma.shared:
                copy = await cache.take_back(cpu, file, page)
                if copy is None:
                    return False
                page = copy
            if vma.shared or not write:
                good = await self.share(vma, vpn, page, write)
            else:
                good = await self.copy_on_write(cpu, vma, vpn, page)
            page.lock.release()
            await cache.put(page)
        return good

    async def share(self, vma: Vma, vpn: int, page: Page, write: bool) -> bool:
        """Map the locked page itself; writable only for a write, so that dirtying is noticed."""
        if write:
            await page.set_dirty()
        async with vma.space.ptl:
            entry = await vma.space.table.read(vpn)
            if entry is None:
                await self.map(vma, vpn, page, writable=write)
            elif write and not entry.writable and entry.frame is page.frame:
                await vma.space.table.set(vpn, Entry(page.frame, writable=True, dirty=entry.dirty))
        return True

    async def copy_on_write(self, cpu: Cpu, vma: Vma, vpn: int, page: Page) -> bool:
        """Give a private mapping its own copy of ``page``, which is locked if it is a file's."""
        memory = self.machine.memory
        space = vma.space
        frame = await self.kernel.reclaim.alloc()
        if frame is None:
            return False
        copy = self.kernel.new_page(f"cow {space.table.slot(vpn)}", frame)
        copy.anonymous = True
        await memory.write(cpu, frame, 0, await memory.read(cpu, page.frame, 0, self.page_size))
        async with space.ptl:
            entry = await space.table.read(vpn)
            replaced = entry is not None and entry.frame is page.frame
            if replaced:
                await self.replace(cpu, vma, vpn, copy)
            elif entry is None and vma.file is not None and not page.anonymous:
                # What was thrown away meanwhile (MADV_DONTNEED) comes back from a file only.
                await self.map(vma, vpn, copy, writable=vma.writable, dirty=not vma.writable)
        if replaced:
            await page.unmapped()
            await self.kernel.cache.put(page)
        await self.kernel.cache.put(copy)
        return True

    async def replace(self, cpu: Cpu, vma: Vma, vpn: int, copy: Page) -> None:
        """Let the entry at ``vpn`` show ``copy`` instead. The caller holds the ptl.

        The old entry is cleared and flushed before the new one is set: no two CPUs of the
        process ever see two frames there at once.
        """
        await vma.space.table.clear(vpn)
        await self.kernel.shootdown.flush(cpu, vma.space, [vpn])
        # Read-only, it will be written to by force, past the CPU that would set the bit.
        await self.map(vma, vpn, copy, writable=vma.writable, dirty=not vma.writable)

    async def map(
        self, vma: Vma, vpn: int, page: Page, *, writable: bool, dirty: bool = False
    ) -> None:
        """Set the empty entry at ``vpn``; the entry takes a reference. The caller holds the ptl."""
        self.scheduler.touch(page)
        self.scheduler.touch(page.name)
        page.refs += 1
        page.mapcount += 1
        await vma.space.table.set(vpn, Entry(page.frame, writable=writable, dirty=dirty))
