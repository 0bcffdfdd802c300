"""fork(): an address space that shares every private page until somebody writes to it."""

from __future__ import annotations

from dataclasses import replace
from errno import EEXIST, EINVAL, ENOMEM

from fuzzcopy.kernel.page import Page
from fuzzcopy.kernel.path import Path
from fuzzcopy.kernel.space import AddressSpace, Vma
from fuzzcopy.machine import Cpu, Entry


class Fork(Path):
    """Makes an empty address space the copy of another one.

    A page of the process's own is shown by both afterwards, read-only, and belongs to nobody alone
    (``Page.forked``): whoever writes to it first gets a copy. A page that a device works with is
    copied at once: the device's data must go on reaching the process that asked for it.
    """

    order = "fork"

    async def fork(self, cpu: Cpu, parent: AddressSpace, child: AddressSpace) -> int:
        """Map in ``child`` all that ``parent`` maps.

        Returns 0; ``-EINVAL`` if they are the same, ``-EEXIST`` if ``child`` maps anything, or
        ``-ENOMEM``.
        """
        if child is parent:
            return -EINVAL
        # CPUs may be running in the child already; two forks crosswise must not wait in a circle.
        both = [space for space in self.kernel.spaces if space in (parent, child)]
        first, second = self.arranged([parent, child], both)
        async with first.mmap_lock.write, second.mmap_lock.write:
            if child.vmas:
                return -EEXIST
            for vma in parent.vmas:
                if not await self.copy_mapping(cpu, vma, replace(vma, space=child)):
                    for twin in child.vmas:
                        await self.kernel.mapping.remove(cpu, child, twin.start, twin.pages)
                    return -ENOMEM
        return 0

    async def copy_mapping(self, cpu: Cpu, vma: Vma, twin: Vma) -> bool:
        """Enter ``twin`` and copy its entries; false if memory is full.

        The file must know of it before an entry shows up in it, and nobody may walk the file's
        mappings until all are there: he could pass by ``twin`` too early.
        """
        if vma.file is None:
            await twin.space.add(twin)
            return await self.copy_entries(cpu, vma, twin)
        async with vma.file.rmap_lock.write:
            await twin.space.add(twin)
            vma.file.vmas.append(twin)
            return vma.shared or await self.copy_entries(cpu, vma, twin)

    async def copy_entries(self, cpu: Cpu, vma: Vma, twin: Vma) -> bool:
        """Let ``twin`` show the private pages of ``vma``; false if memory is full.

        No CPU can write to them by the time the child shows them.
        """
        vpns = range(vma.start, vma.start + vma.pages)
        await self.kernel.unmap.take_write_permission(cpu, vma.space, vpns)
        for vpn in vpns:
            async with vma.space.ptl:
                entry = await vma.space.table.read(vpn)
                page = None if entry is None else self.kernel.page_of(entry.frame)
                if page is not None and (page.anonymous or vma.file is None):
                    self.scheduler.touch(page.name)  # where references are counted
                    page.refs += 1
                else:
                    page = None  # a fault brings it in from the file
            if page is None:
                continue
            assert entry is not None
            good = await self.give(cpu, twin, vpn, page, entry)
            await self.kernel.cache.put(page)
            if not good:
                return False
        return True

    async def give(self, cpu: Cpu, twin: Vma, vpn: int, page: Page, entry: Entry) -> bool:
        """Show ``page``, or a copy of it, at ``vpn`` of the child; false if memory is full."""
        if await self.must_be_copied(page):
            frame = await self.machine.memory.alloc()
            if frame is None:
                return False
            copy = self.kernel.new_page(f"copy {twin.space.table.slot(vpn)}", frame)
            copy.anonymous = True
            cells = await self.machine.memory.read(cpu, page.frame, 0, self.page_size)
            await self.machine.memory.write(cpu, frame, 0, cells)
            await self.kernel.fault.map(twin, vpn, copy, writable=False, dirty=entry.dirty)
            await self.kernel.cache.put(copy)
            return True
        self.scheduler.touch(page)
        page.forked = True
        await self.kernel.fault.map(twin, vpn, page, writable=False, dirty=entry.dirty)
        return True

    async def must_be_copied(self, page: Page) -> bool:
        """Whether ``page`` must stay its owner's alone, as a device has it."""
        return await page.is_pinned()
