"""The TLB of one CPU, tagged by address space."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fuzzcopy.machine.cpu import Cpu
    from fuzzcopy.machine.memory import Frame
    from fuzzcopy.machine.pagetable import Entry, PageTable
    from fuzzcopy.sched import Scheduler

Key = tuple[str, int]
"""Name of the page table, virtual page number."""


class TlbEntry:
    """A cached translation, and the page-table ``entry`` it was filled from."""

    __slots__ = ("dirty", "entry", "frame", "writable")

    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        self.frame: Frame = entry.frame
        self.writable = entry.writable
        self.dirty = entry.dirty


class Tlb:
    """What one CPU remembers of its page walks; it may forget any entry at any time."""

    def __init__(self, scheduler: Scheduler, cpu: Cpu) -> None:
        self.scheduler = scheduler
        self.cpu = cpu
        self.name = f"tlb of {cpu}"
        self.entries: dict[Key, TlbEntry] = {}

    def __str__(self) -> str:
        return self.name

    def fill(self, key: Key, entry: Entry) -> TlbEntry:
        """Remember a translation."""
        cached = self.entries[key] = TlbEntry(entry)
        for tell in self.scheduler.bus.tlb_filled:
            tell(self.cpu, key, cached)
        return cached

    def drop(self, key: Key) -> None:
        """Forget a translation, if it is there."""
        cached = self.entries.pop(key, None)
        if cached is not None:
            for tell in self.scheduler.bus.tlb_dropped:
                tell(self.cpu, key, cached)

    def flush(self, table: PageTable, vpns: Iterable[int]) -> None:
        """Forget the translations of some pages of one address space."""
        for vpn in vpns:
            self.drop((table.name, vpn))

    def flush_all(self, table: PageTable) -> None:
        """Forget every translation of one address space."""
        for key in [key for key in self.entries if key[0] == table.name]:
            self.drop(key)
