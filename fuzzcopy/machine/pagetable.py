"""Page tables: what the MMU walks and the kernel edits.

A table has two levels: a directory of page-table pages, and their entries. An entry that is not
present is absent from the table. Each entry is an object of its own; every change of frame or
permission makes a new one, so that a TLB entry can name exactly the entry it was filled from.
Only the accessed and dirty bits change in place, as the CPU sets them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fuzzcopy.machine.cpu import Cpu
    from fuzzcopy.machine.memory import Frame
    from fuzzcopy.sched import Scheduler

SPAN = 16
"""Entries of one page-table page: the virtual pages that share it."""


class Entry:
    """One present page-table entry."""

    __slots__ = ("accessed", "dirty", "frame", "writable")

    def __init__(self, frame: Frame, *, writable: bool, dirty: bool = False) -> None:
        self.frame = frame
        self.writable = writable
        self.dirty = dirty
        self.accessed = False

    def __str__(self) -> str:
        bits = ("w" if self.writable else "r") + ("d" if self.dirty else "")
        return f"{self.frame}/{bits}"


class TablePage:
    """A page-table page: a frame of its own, out of a reserve that does not run short.

    ``free``: it was given back. Who still walks it reads what somebody else may own by now.
    """

    __slots__ = ("free", "name")

    def __init__(self, name: str) -> None:
        self.name = name
        self.free = False

    def __str__(self) -> str:
        return self.name


class PageTable:
    """The page table of one address space, tagged ``name`` in the TLBs.

    ``pages`` is the directory: page-table pages by virtual page number // ``SPAN``. Whoever
    changes an entry or the directory holds the address space's page-table lock, so the kernel's
    own way to an entry is one step; the MMU, which holds no lock, takes two.
    """

    def __init__(self, scheduler: Scheduler, name: str) -> None:
        self.scheduler = scheduler
        self.name = name
        self.entries: dict[int, Entry] = {}
        self.pages: dict[int, TablePage] = {}
        self.detached: list[TablePage] = []
        self._slots: dict[int, str] = {}
        self._places: dict[int, str] = {}

    def __str__(self) -> str:
        return self.name

    def slot(self, vpn: int) -> str:
        """The name of an entry's place, which is also its footprint: ``mm0:0x10``."""
        name = self._slots.get(vpn)
        if name is None:
            name = self._slots[vpn] = f"{self.name}:{vpn:#x}"
        return name

    def place(self, index: int) -> str:
        """The name of a place in the directory, which is also its footprint: ``mm0:table1``."""
        name = self._places.get(index)
        if name is None:
            name = self._places[index] = f"{self.name}:table{index}"
        return name

    async def read(self, vpn: int) -> Entry | None:
        """The entry for virtual page ``vpn``, as the kernel reads it."""
        scheduler = self.scheduler
        if scheduler.turn("pte.read", self.slot(vpn), False):
            await scheduler.pass_baton()
        return self.entries.get(vpn)

    async def look(self, cpu: Cpu, vpn: int) -> Entry | None:
        """The entry for ``vpn``, as one reads it who holds no lock: in two steps, like the MMU.

        The caller has interrupts off, so that nobody gets past waiting for walkers meanwhile.
        """
        scheduler = self.scheduler
        index = vpn // SPAN
        if scheduler.turn("table.look", self.place(index), False):
            await scheduler.pass_baton()
        page = self.pages.get(index)
        if page is None:
            return None
        if scheduler.turn("pte.look", self.slot(vpn), False):
            await scheduler.pass_baton()
        for tell in scheduler.bus.table_walked:
            tell(cpu, page)
        return None if page.free else self.entries.get(vpn)

    async def set(self, vpn: int, entry: Entry) -> None:
        """Install ``entry`` for ``vpn`` in place of whatever is there.

        If there is no page-table page for it yet, one is entered first.
        """
        scheduler = self.scheduler
        index = vpn // SPAN
        if index not in self.pages:
            if scheduler.turn("table.enter", self.place(index), True):
                await scheduler.pass_baton()
            self.enter(index)
        if scheduler.turn("pte.set", self.slot(vpn), True):
            await scheduler.pass_baton()
        self.install(vpn, entry)

    def install(self, vpn: int, entry: Entry) -> None:
        """:meth:`set` without a preemption point, while the machine is being set up."""
        self.enter(vpn // SPAN)
        old = self.entries.get(vpn)
        self.entries[vpn] = entry
        for tell in self.scheduler.bus.pte_changed:
            tell(self, vpn, old, entry)

    def enter(self, index: int) -> None:
        """See that there is a page-table page, without a preemption point."""
        if index not in self.pages:
            self.pages[index] = TablePage(self.place(index))

    async def clear(self, vpn: int) -> Entry | None:
        """Take the entry out, in one step with reading its dirty bit; ``None`` if absent."""
        scheduler = self.scheduler
        if scheduler.turn("pte.clear", self.slot(vpn), True):
            await scheduler.pass_baton()
        old = self.entries.pop(vpn, None)
        if old is not None:
            for tell in scheduler.bus.pte_changed:
                tell(self, vpn, old, None)
        return old

    async def present(self, index: int) -> list[int]:
        """The virtual pages that have an entry in one page-table page, ascending."""
        scheduler = self.scheduler
        if scheduler.turn("table.present", self.place(index), False):
            await scheduler.pass_baton()
        start = index * SPAN
        return [vpn for vpn in range(start, start + SPAN) if vpn in self.entries]

    async def detach(self, index: int) -> TablePage | None:
        """Take a page-table page, all its entries cleared, out of the directory.

        ``None`` if there is none. It must be given back to :meth:`free`, when nobody can be
        walking it any more.
        """
        scheduler = self.scheduler
        if scheduler.turn("table.detach", self.place(index), True):
            await scheduler.pass_baton()
        page = self.pages.pop(index, None)
        if page is not None:
            self.detached.append(page)
        return page

    async def free(self, page: TablePage) -> None:
        """Give a detached page-table page back."""
        scheduler = self.scheduler
        if scheduler.turn("table.free", page, True):
            await scheduler.pass_baton()
        self.detached.remove(page)
        page.free = True
        for tell in scheduler.bus.table_freed:
            tell(self, page)
