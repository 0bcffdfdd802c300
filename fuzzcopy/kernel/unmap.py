"""Taking page-table entries out, one mapping's range or one page everywhere."""

from __future__ import annotations

from collections.abc import Sequence

from fuzzcopy.kernel.file import File
from fuzzcopy.kernel.page import Page
from fuzzcopy.kernel.path import Path
from fuzzcopy.kernel.space import AddressSpace
from fuzzcopy.machine import Cpu, Entry

FOREVER = 1 << 40
"""Past the last page of any file."""

Cleared = list[tuple[int, Entry]]
"""Entries taken out of a page table, with the virtual pages they were for."""


class Unmap(Path):
    """Clear, flush, and only then let go of what the entries showed.

    If an entry was dirty, the flush is done before the page-table lock is dropped and before the
    dirty bit moves to the page: else writeback could clean the page while a CPU still writes
    through its old translation.
    """

    async def zap(
        self,
        cpu: Cpu,
        space: AddressSpace,
        vpns: Sequence[int],
        only: Page | None = None,
        *,
        even_copies: bool = True,
    ) -> None:
        """Remove the entries of ``vpns``; the references go when no CPU can use them.

        With ``only``, entries that show another page stay; without ``even_copies``, those that
        show anonymous pages.

        As in ``tlb_finish_mmu``: the flush comes after the page-table lock is dropped, unless
        an entry was dirty. Who finds an entry cleared by somebody whose flush is still pending
        flushes as well: what is promised is that no CPU can use the range.
        """
        await space.flushes.update(_one_more)
        async with space.ptl:
            if not even_copies:
                vpns = await self.of_files(space, vpns)
            cleared = await self.clear(cpu, space, vpns, only)
            flushed = await self.flush_dirty(cpu, space, cleared)
            for _, entry in cleared:
                page = self.kernel.page_of(entry.frame)
                if entry.dirty and not page.anonymous:
                    await page.set_dirty()
        await self.finish(cpu, space, vpns, [vpn for vpn, _ in cleared], flushed)
        await space.flushes.update(_one_less)
        for _, entry in cleared:
            page = self.kernel.page_of(entry.frame)
            await page.unmapped()
            await self.kernel.cache.put(page)

    async def of_files(
        self, space: AddressSpace, vpns: Sequence[int], *, even_lent: bool = True
    ) -> list[int]:
        """Those of ``vpns`` whose entry, if there is one, shows a page of a file.

        Without ``even_lent`` only if that is surely not shown in place of a copy (zero copy).
        """
        found = []
        for vpn in vpns:
            entry = await space.table.read(vpn)
            page = None if entry is None else self.kernel.page_of(entry.frame)
            if page is None or not (page.anonymous or (page.lent and not even_lent)):
                found.append(vpn)
        return found

    async def clear(
        self, cpu: Cpu, space: AddressSpace, vpns: Sequence[int], only: Page | None
    ) -> Cleared:
        """Take the entries of ``vpns`` out of the page table; returns what was there."""
        cleared = []
        for vpn in vpns:
            if only is not None:
                entry = await space.table.read(vpn)
                if entry is None or entry.frame is not only.frame:
                    continue
            entry = await space.table.clear(vpn)
            if entry is not None:
                cleared.append((vpn, entry))
        return cleared

    async def flush_dirty(self, cpu: Cpu, space: AddressSpace, cleared: Cleared) -> bool:
        """If any of the entries was dirty, flush them all while the page-table lock is held."""
        dirty = any(entry.dirty for _, entry in cleared)
        if dirty:
            await self.kernel.shootdown.flush(cpu, space, [vpn for vpn, _ in cleared])
        return dirty

    async def finish(
        self,
        cpu: Cpu,
        space: AddressSpace,
        vpns: Sequence[int],
        cleared: Sequence[int],
        flushed: bool,
    ) -> None:
        """Flush what was ``cleared`` of ``vpns`` unless it is already ``flushed``.

        All of ``vpns`` if anybody else's flush is pending.
        """
        if await space.flushes.get() > 1:
            await self.kernel.shootdown.flush(cpu, space, vpns)
        elif not flushed:
            await self.kernel.shootdown.flush(cpu, space, cleared)

    async def page_everywhere(self, cpu: Cpu, file: File, page: Page) -> None:
        """Remove every entry of the locked ``page`` (Linux: ``try_to_unmap`` with ``TTU_SYNC``).

        Each is looked for under the page-table lock. Without it, it may seem to be gone because
        somebody is just changing it. A page that is not mapped has no entry to look for, not even
        in a TLB: it counts as mapped until that is flushed.
        """
        if not await page.is_mapped():
            return
        async with file.rmap_lock.read:
            for vma in file.vmas:
                vpn = vma.start + page.index - vma.first
                if vpn in vma:
                    await self.zap(cpu, vma.space, [vpn], page)

    async def range_everywhere(
        self, cpu: Cpu, file: File, first: int, *, end: int = FOREVER, even_copies: bool = True
    ) -> None:
        """Remove the entries that show pages ``first`` to ``end`` of ``file``, in every mapping.

        With ``even_copies`` those that show a private mapping's own copy go as well (Linux:
        ``unmap_mapping_range`` with ``even_cows``).
        """
        async with file.rmap_lock.read:
            for vma in file.vmas:
                vpns = [
                    vpn
                    for vpn in range(vma.start, vma.start + vma.pages)
                    if first <= vma.index_of(vpn) < end
                ]
                await self.zap(cpu, vma.space, vpns, even_copies=even_copies)

    async def is_writable(self, file: File, page: Page) -> bool:
        """Whether a store through a mapping of ``file`` could change ``page`` without a fault.

        While the page is locked that cannot begin to be so. A flush that somebody owes counts:
        until then a CPU may know an entry that is gone.
        """
        async with file.rmap_lock.read:
            for vma in file.vmas:
                vpn = vma.start + page.index - vma.first
                if vpn in vma and vma.shared:
                    async with vma.space.ptl:
                        entry = await vma.space.table.read(vpn)
                    mine = entry is not None and entry.writable and entry.frame is page.frame
                    if mine or await vma.space.flushes.get():
                        return True
        return False

    async def pages_everywhere(self, cpu: Cpu, pages: Sequence[Page]) -> None:
        """Remove every shared entry of several locked pages, with one flush per address space.

        (Linux: ``TTU_BATCH_FLUSH`` and ``try_to_unmap_flush``.) Until then the flush is pending for
        everybody to see, dirty bits have not moved and the page locks are held: nobody cleans one
        of the pages, maps one again, or lets go of a frame.
        """
        shown: dict[AddressSpace, list[int]] = {}
        taken: dict[AddressSpace, Cleared] = {}
        for page in pages:
            file = page.file
            assert file is not None
            async with file.rmap_lock.read:
                for vma in file.vmas:
                    vpn = vma.start + page.index - vma.first
                    if vpn not in vma:
                        continue
                    space = vma.space
                    entry = await space.table.read(vpn)
                    if entry is None or entry.frame is not page.frame:
                        # Or so it seems, as no lock is held: then the page stays, because of the
                        # reference of the entry.
                        continue
                    if space not in taken:
                        taken[space] = []
                        await space.flushes.update(_one_more)
                    shown.setdefault(space, []).append(vpn)
                    async with space.ptl:
                        taken[space] += await self.clear(cpu, space, [vpn], page)
        for space, cleared in taken.items():
            await self.finish(cpu, space, shown[space], [vpn for vpn, _ in cleared], False)
            await space.flushes.update(_one_less)
            for _, entry in cleared:
                page = self.kernel.page_of(entry.frame)
                if entry.dirty:
                    await page.set_dirty()
                await page.unmapped()
                await self.kernel.cache.put(page)

    async def take_write_permission(
        self, cpu: Cpu, space: AddressSpace, vpns: Sequence[int]
    ) -> None:
        """Make the entries of ``vpns`` read-only, and no CPU knows otherwise any more.

        That holds for entries, too, that somebody else has cleared and not flushed yet (in Linux
        the nested case of ``tlb_finish_mmu``).
        """
        async with space.ptl:
            downgraded = []
            for vpn in vpns:
                entry = await space.table.read(vpn)
                if entry is not None and entry.writable:
                    old = await space.table.clear(vpn)
                    assert old is not None
                    downgraded.append((vpn, old))
            await self.kernel.shootdown.flush(cpu, space, [vpn for vpn, _ in downgraded])
            for vpn, old in downgraded:
                await space.table.set(vpn, Entry(old.frame, writable=False, dirty=old.dirty))
        if await space.flushes.get():
            await self.kernel.shootdown.flush(cpu, space, vpns)

    async def write_protect(self, cpu: Cpu, file: File, page: Page) -> bool:
        """Make every entry of the locked ``page`` clean and read-only (``page_mkclean``).

        Returns whether any was dirty. Clear, flush, set: a store either made it into the old
        entry's dirty bit or will fault.
        """
        dirty = False
        async with file.rmap_lock.read:
            for vma in file.vmas:
                vpn = vma.start + page.index - vma.first
                if vpn not in vma or not vma.shared:
                    continue
                table = vma.space.table
                async with vma.space.ptl:
                    entry = await table.read(vpn)
                    if entry is None or not (entry.writable or entry.dirty):
                        continue
                    old = await table.clear(vpn)
                    assert old is not None
                    await self.kernel.shootdown.flush(cpu, vma.space, [vpn])
                    dirty = dirty or old.dirty
                    await table.set(vpn, Entry(page.frame, writable=False))
        return dirty


def _one_more(flushes: int) -> int:
    return flushes + 1


def _one_less(flushes: int) -> int:
    return flushes - 1
