"""mmap, munmap, mlock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from errno import EFAULT, EINVAL, ENOMEM

from fuzzcopy.kernel.file import File
from fuzzcopy.kernel.path import Path
from fuzzcopy.kernel.space import AddressSpace, Vma
from fuzzcopy.machine import Cpu, Entry


class Mapping(Path):
    """Changes what an address space maps, under its mmap lock held for writing."""

    async def mmap(self, cpu: Cpu, vma: Vma, *, populate: bool) -> int:
        """Map ``vma``, in place of what was mapped there; with ``populate`` fault it in.

        Returns 0. Populating is best effort, as in mmap(2).
        """
        space = vma.space
        async with space.mmap_lock.write:
            await self.remove(cpu, space, vma.start, vma.pages)
            await space.add(vma)
            if vma.file is not None:
                async with vma.file.rmap_lock.write:
                    vma.file.vmas.append(vma)
            if populate:
                await self.populate(cpu, space, vma.start, vma.pages)
        return 0

    async def munmap(self, cpu: Cpu, space: AddressSpace, start: int, pages: int) -> int:
        """Unmap ``pages`` virtual pages from ``start`` on. Returns 0."""
        async with space.mmap_lock.write:
            await self.remove(cpu, space, start, pages)
        return 0

    async def madvise(self, cpu: Cpu, space: AddressSpace, start: int, pages: int) -> int:
        """Forget the contents of a range (``MADV_DONTNEED``). Returns 0, or ``-ENOMEM``.

        Holds the mmap lock only shared, so two of these can overlap.
        """
        async with space.mmap_lock.read:
            result = 0
            for vpn in range(start, start + pages):
                if await space.find(vpn) is None:
                    result = -ENOMEM
            await self.kernel.unmap.zap(cpu, space, range(start, start + pages))
        return result

    async def mprotect(
        self, cpu: Cpu, space: AddressSpace, start: int, pages: int, writable: bool
    ) -> int:
        """Make a range writable, or read-only. Returns 0, or ``-ENOMEM`` if part is unmapped."""
        async with space.mmap_lock.write:
            # What lies before a hole is changed all the same, as in Linux.
            mapped = await self.mapped_pages(space, start, pages)
            await self.change(space, start, mapped, writable)
            if not writable:
                vpns = range(start, start + mapped)
                await self.kernel.unmap.take_write_permission(cpu, space, vpns)
        return 0 if mapped == pages else -ENOMEM

    async def mapped_pages(self, space: AddressSpace, start: int, pages: int) -> int:
        """How many pages from ``start`` on are mapped without a hole, ``pages`` at most."""
        for vpn in range(start, start + pages):
            if await space.find(vpn) is None:
                return vpn - start
        return pages

    async def change(self, space: AddressSpace, start: int, pages: int, writable: bool) -> None:
        """Give the mappings of a range another permission, splitting them at its edges."""
        end = start + pages
        for vma in space.vmas:
            first, last = max(vma.start, start), min(vma.start + vma.pages, end)
            if first >= last or vma.writable == writable:
                continue
            middle = _part(vma, first, last)
            assert middle is not None
            parts = [
                _part(vma, vma.start, first),
                replace(middle, writable=writable),
                _part(vma, last, vma.start + vma.pages),
            ]
            await self.substitute(vma, [part for part in parts if part is not None])

    async def substitute(self, vma: Vma, parts: Sequence[Vma]) -> None:
        """Put ``parts`` in the place of a mapping, in its address space and in its file."""
        await vma.space.replace(vma, parts)
        if vma.file is not None:
            async with vma.file.rmap_lock.write:
                vma.file.vmas.remove(vma)
                vma.file.vmas.extend(parts)

    async def mremap(self, cpu: Cpu, space: AddressSpace, start: int, pages: int, to: int) -> int:
        """Move a mapping that begins at ``start`` to ``to``, in place of what is mapped there.

        Returns 0; ``-EFAULT`` if nothing of that size is mapped there, ``-EINVAL`` if the ranges
        overlap.
        """
        if to < start + pages and start < to + pages:
            return -EINVAL
        async with space.mmap_lock.write:
            vma = await space.find(start)
            if vma is None or vma.start != start or vma.pages != pages:
                return -EFAULT
            await self.remove(cpu, space, to, pages)
            moved = replace(vma, start=to)
            if vma.file is None:
                await space.add(moved)
                await self.move_entries(cpu, space, start, pages, to)
            else:
                # The new place must be known to the file before an entry shows up in it.
                async with vma.file.rmap_lock.write:
                    await space.add(moved)
                    vma.file.vmas.append(moved)
                    await self.move_entries(cpu, space, start, pages, to)
                    vma.file.vmas.remove(vma)
            await self.after_move(cpu, space, start, pages)
            await space.replace(vma)
            await self.kernel.tables.free_unused(cpu, space, start, pages)
        return 0

    async def after_move(self, cpu: Cpu, space: AddressSpace, start: int, pages: int) -> None:
        """After a move, with only the mmap lock held: everything is done already."""

    async def move_entries(
        self, cpu: Cpu, space: AddressSpace, start: int, pages: int, to: int
    ) -> None:
        """Move page-table entries.

        The old range is flushed before the page-table lock is dropped: afterwards somebody may
        clear an entry at its new place, flush only that, and free the frame.
        """
        async with space.ptl:
            moved = await self.take_entries(space, start, pages)
            vpns: Sequence[int] = [vpn for vpn, _ in moved]
            if await space.flushes.get():
                # Somebody has cleared entries and not flushed yet, of this range for all we know.
                vpns = range(start, start + pages)
            await self.kernel.shootdown.flush(cpu, space, vpns)
            for vpn, entry in moved:
                await space.table.set(vpn - start + to, entry)

    async def take_entries(
        self, space: AddressSpace, start: int, pages: int
    ) -> list[tuple[int, Entry]]:
        """Clear the entries of a range; returns what was there, as new entries."""
        taken = []
        for vpn in range(start, start + pages):
            entry = await space.table.clear(vpn)
            if entry is not None:
                fresh = Entry(entry.frame, writable=entry.writable, dirty=entry.dirty)
                taken.append((vpn, fresh))
        return taken

    async def msync(self, cpu: Cpu, space: AddressSpace, start: int, pages: int) -> int:
        """Sync what is mapped shared in a range.

        Returns 0; ``-ENOMEM`` if some of the range is not mapped (the rest is synced all the same);
        ``-EIO`` as fsync does.
        """
        result = 0
        files: list[File] = []
        async with space.mmap_lock.read:
            for vpn in range(start, start + pages):
                vma = await space.find(vpn)
                if vma is None:
                    result = -ENOMEM
                elif vma.shared and vma.file is not None and vma.file not in files:
                    files.append(vma.file)
        # As in Linux, nobody waits for the disk with the lock held.
        for file in files:
            error = await self.kernel.writeback.fsync(cpu, file)
            if error:
                return error
        return result

    async def mlock(self, cpu: Cpu, space: AddressSpace, start: int, pages: int) -> int:
        """Fault in a range for good. Returns 0, or ``-ENOMEM`` if part of it cannot be had."""
        async with space.mmap_lock.write:
            if await self.mapped_pages(space, start, pages) < pages:
                return -ENOMEM
            return 0 if await self.populate(cpu, space, start, pages) else -ENOMEM

    async def populate(self, cpu: Cpu, space: AddressSpace, start: int, pages: int) -> bool:
        """Fault in a mapped range with the mmap lock held for writing; false if that fails.

        As in Linux, private writable memory is faulted in for writing, so that it is copied now.
        """
        for vpn in range(start, start + pages):
            vma = await space.find(vpn)
            write = vma is not None and vma.writable and not vma.shared
            if not await self.kernel.fault.resolve(cpu, vpn, write):
                return False
        return True

    async def remove(self, cpu: Cpu, space: AddressSpace, start: int, pages: int) -> None:
        """Take a range out of the address space: what overlaps at its edges is split."""
        end = start + pages
        removed = False
        while (vma := await self._overlapping(space, start, end)) is not None:
            removed = True
            first, last = max(vma.start, start), min(vma.start + vma.pages, end)
            await self.kernel.unmap.zap(cpu, space, range(first, last))
            rests = [_part(vma, vma.start, first), _part(vma, last, vma.start + vma.pages)]
            await self.substitute(vma, [rest for rest in rests if rest is not None])
        if removed:
            await self.kernel.tables.free_unused(cpu, space, start, pages)

    async def _overlapping(self, space: AddressSpace, start: int, end: int) -> Vma | None:
        for vpn in range(start, end):
            vma = await space.find(vpn)
            if vma is not None:
                return vma
        return None


def _part(vma: Vma, start: int, end: int) -> Vma | None:
    if start >= end:
        return None
    return Vma(
        vma.space,
        start,
        end - start,
        vma.file,
        vma.index_of(start) if vma.file else 0,
        vma.shared,
        vma.writable,
    )
