"""User memory as the CPU reaches it: TLB lookup, page walk, access, or a page fault.

Looking up and accessing are two steps: between them another CPU may change the page table, and
the access still goes where the lookup said.
"""

from __future__ import annotations

from collections.abc import Sequence

from fuzzcopy.machine.cpu import Cpu
from fuzzcopy.machine.memory import Cells
from fuzzcopy.machine.pagetable import SPAN, PageTable
from fuzzcopy.machine.tlb import Key, TlbEntry
from fuzzcopy.sched import Scheduler


class Mmu:
    """Loads and stores through page tables. Accesses must not cross a chunk, nor a page."""

    def __init__(self, scheduler: Scheduler, page_size: int, chunk: int) -> None:
        self.scheduler = scheduler
        self.page_size = page_size
        self._chunk = chunk
        self._poison: set[tuple[str, int]] = set()

    async def load(self, cpu: Cpu, address: int, length: int) -> Cells | None:
        """Load ``length`` bytes at a user address; ``None`` is a page fault."""
        scheduler = self.scheduler
        if scheduler.turn("tlb.lookup", cpu.tlb, False):
            await scheduler.pass_baton()
        table = cpu.table
        assert table is not None
        if self._poison and self.is_poisoned(table, address):
            for tell in scheduler.bus.page_faulted:
                tell(cpu, address, False)
            return None
        cpu.begin_instruction()
        vpn, start = divmod(address, self.page_size)
        cached = cpu.tlb.entries.get((table.name, vpn))
        if cached is None:
            cached = await self._walk(cpu, table, vpn)
            if cached is None:
                cpu.end_instruction()
                for tell in scheduler.bus.page_faulted:
                    tell(cpu, address, False)
                return None
        frame = cached.frame
        if scheduler.turn("user.read", frame, False):
            await scheduler.pass_baton()
        cells = frame.cells[start : start + length]
        for tell in scheduler.bus.memory_read:
            tell(cpu, frame, start, cells, "user")
        for tell in scheduler.bus.user_read:
            tell(cpu, address, cells, cached)
        cpu.end_instruction()
        return cells

    async def store(self, cpu: Cpu, address: int, cells: Sequence[int]) -> bool:
        """Store ``cells`` at a user address; false is a page fault."""
        scheduler = self.scheduler
        if scheduler.turn("tlb.lookup", cpu.tlb, False):
            await scheduler.pass_baton()
        table = cpu.table
        assert table is not None
        if self._poison and self.is_poisoned(table, address):
            for tell in scheduler.bus.page_faulted:
                tell(cpu, address, True)
            return False
        cpu.begin_instruction()
        vpn, start = divmod(address, self.page_size)
        key = (table.name, vpn)
        cached = cpu.tlb.entries.get(key)
        if cached is not None and not cached.writable:
            # A permission fault drops the entry (Intel SDM vol. 3A, 4.10.4.1): walk afresh.
            cpu.tlb.drop(key)
            cached = None
        if cached is None:
            cached = await self._walk(cpu, table, vpn)
        if (
            cached is None
            or not cached.writable
            or (not cached.dirty and not await self._set_dirty(cpu, table, key, cached))
        ):
            cpu.end_instruction()
            for tell in scheduler.bus.page_faulted:
                tell(cpu, address, True)
            return False
        frame = cached.frame
        if scheduler.turn("user.write", frame, True):
            await scheduler.pass_baton()
        frame.cells[start : start + len(cells)] = cells
        for tell in scheduler.bus.memory_written:
            tell(cpu, frame, start, cells, "user")
        for tell in scheduler.bus.user_written:
            tell(cpu, address, cells, cached)
        cpu.end_instruction()
        return True

    def poison(self, table: str, address: int) -> None:
        """Let the chunk at a user address fault although its page is mapped (memory tags)."""
        self._poison.add((table, address // self._chunk))

    def is_poisoned(self, table: PageTable, address: int) -> bool:
        """Whether no fault handler can make ``address`` accessible."""
        return (table.name, address // self._chunk) in self._poison

    async def _walk(self, cpu: Cpu, table: PageTable, vpn: int) -> TlbEntry | None:
        # First the directory, then the page-table page that it named: two loads.
        scheduler = self.scheduler
        index = vpn // SPAN
        if scheduler.turn("table.walk", table.place(index), False):
            await scheduler.pass_baton()
        page = table.pages.get(index)
        if page is None:
            return None
        # Sets the accessed bit, so it counts as a write of the entry.
        if scheduler.turn("pte.walk", table.slot(vpn), True):
            await scheduler.pass_baton()
        for tell in scheduler.bus.table_walked:
            tell(cpu, page)
        entry = table.entries.get(vpn)
        if entry is None or page.free:
            return None
        entry.accessed = True
        return cpu.tlb.fill((table.name, vpn), entry)

    async def _set_dirty(self, cpu: Cpu, table: PageTable, key: Key, cached: TlbEntry) -> bool:
        # A locked update of the entry in memory, which must still be there and writable.
        scheduler = self.scheduler
        vpn = key[1]
        if scheduler.turn("pte.set_dirty", table.slot(vpn), True):
            await scheduler.pass_baton()
        entry = table.entries.get(vpn)
        if entry is None or not entry.writable or entry.frame is not cached.frame:
            cpu.tlb.drop(key)
            return False
        entry.dirty = True
        if entry is cached.entry:
            cached.dirty = True
        else:
            cpu.tlb.fill(key, entry)
        for tell in scheduler.bus.pte_dirtied:
            tell(table, vpn, entry)
        return True
