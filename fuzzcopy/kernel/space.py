"""Address spaces and their mappings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fuzzcopy.machine import PageTable
from fuzzcopy.sched import Cell, RwLock, Scheduler, SpinLock

if TYPE_CHECKING:
    from fuzzcopy.kernel.file import File
    from fuzzcopy.kernel.page import Page
    from fuzzcopy.machine import Cpu

SLOT_PAGES = 16
"""Virtual pages per mapping slot: slot *n* starts at virtual page ``16 * (n + 1)``."""


def slot_page(slot: int) -> int:
    """The first virtual page of a mapping slot."""
    return SLOT_PAGES * (slot + 1)


@dataclass(frozen=True, slots=True)
class Vma:
    """One mapping: ``pages`` virtual pages from ``start``, of ``file`` from ``first`` on.

    ``file`` is ``None`` for anonymous memory.
    """

    space: AddressSpace
    start: int
    pages: int
    file: File | None = None
    first: int = 0
    shared: bool = False
    writable: bool = True

    def __contains__(self, vpn: int) -> bool:
        return self.start <= vpn < self.start + self.pages

    def __str__(self) -> str:
        what = f"{self.file}:{self.first}" if self.file else "anonymous"
        mode = ("w" if self.writable else "r") + ("s" if self.shared else "p")
        return f"{self.space.name}:{self.start:#x}+{self.pages} {what} {mode}"

    def index_of(self, vpn: int) -> int:
        """The file page that virtual page ``vpn`` shows."""
        return self.first + vpn - self.start


class AddressSpace:
    """What one process sees: mappings under ``mmap_lock``, entries under ``ptl``.

    ``flushes`` counts the flushes that somebody owes for entries already cleared (Linux:
    ``tlb_flush_pending``).

    ``_lazy`` are the pages that may be dropped while their entries are clean, and where they were.

    ``cpus`` is the mask: the CPUs that have this address space loaded. A shootdown goes to those
    of them that are not lazy. Who was lazy or elsewhere meanwhile compares the number of
    shootdowns begun (Linux: ``tlb_gen``) when it comes back. All that is one word here, and one
    footprint.
    """

    def __init__(self, scheduler: Scheduler, name: str) -> None:
        self.scheduler = scheduler
        self.name = name
        self.table = PageTable(scheduler, name)
        self.mmap_lock = RwLock(scheduler, "mmap", name)
        self.ptl = SpinLock(scheduler, "ptl", name)
        self.flushes = Cell(scheduler, f"{name} flushes", 0)
        self.vmas: tuple[Vma, ...] = ()  # changed by enter() and replace() alone, as these tell
        self._covering: dict[int, tuple[Vma, ...]] = {}  # by page
        self.snapshot: dict[int, Page] = {}  # changed under the ptl
        self._lazy: dict[int, Page] = {}
        self.cpus: list[Cpu] = []
        self._footprint = f"{name} mappings"
        self._mask = f"{name} mask"
        self._lazies = f"{name} lazily free"
        self._begun = 0  # shootdowns
        self._seen: dict[int, int] = {}  # how many of them, when a CPU dozed or left

    def __str__(self) -> str:
        return self.name

    async def mask(self) -> list[Cpu]:
        """Every CPU that has this address space loaded, lazy or not."""
        scheduler = self.scheduler
        if scheduler.turn("mask.read", self._mask, False):
            await scheduler.pass_baton()
        return list(self.cpus)

    async def begin_flush(self) -> list[Cpu]:
        """Count a shootdown; returns the CPUs that it must interrupt."""
        scheduler = self.scheduler
        if scheduler.turn("mask.flush", self._mask, True):
            await scheduler.pass_baton()
        self._begun += 1
        return [cpu for cpu in self.cpus if not cpu.lazy]

    async def join(self, cpu: Cpu) -> None:
        """From now on shootdowns reach ``cpu``."""
        scheduler = self.scheduler
        if scheduler.turn("mask.join", self._mask, True):
            await scheduler.pass_baton()
        cpu.lazy = False
        if cpu not in self.cpus:
            self.cpus.append(cpu)

    async def is_up_to_date(self, cpu: Cpu) -> bool:
        """Whether no shootdown has begun since ``cpu`` dozed off or left."""
        scheduler = self.scheduler
        if scheduler.turn("mask.missed?", self._mask, False):
            await scheduler.pass_baton()
        return self._seen.get(cpu.index) == self._begun

    async def doze(self, cpu: Cpu) -> None:
        """From now on shootdowns pass ``cpu`` by, although it has the table loaded."""
        scheduler = self.scheduler
        if scheduler.turn("mask.doze", self._mask, True):
            await scheduler.pass_baton()
        cpu.lazy = True
        self._seen[cpu.index] = self._begun

    async def leave(self, cpu: Cpu) -> None:
        """``cpu`` has loaded another page table."""
        scheduler = self.scheduler
        if scheduler.turn("mask.leave", self._mask, True):
            await scheduler.pass_baton()
        self.cpus.remove(cpu)
        self._seen[cpu.index] = self._begun

    async def find(self, vpn: int) -> Vma | None:
        """The mapping that covers ``vpn``, or ``None``."""
        scheduler = self.scheduler
        if scheduler.turn("vma.find", self._footprint, False):
            await scheduler.pass_baton()
        return self.peek(vpn)

    def peek(self, vpn: int) -> Vma | None:
        """The same for oracles and reports: not an access of the program."""
        covering = self._covering.get(vpn)
        return covering[0] if covering else None

    def covering(self, vpn: int) -> tuple[Vma, ...]:
        """All mappings that cover ``vpn``, should a kernel have let them overlap; for oracles."""
        return self._covering.get(vpn, ())

    async def anything(self, start: int, end: int) -> bool:
        """Whether any mapping covers part of the virtual pages ``start`` to ``end``."""
        scheduler = self.scheduler
        if scheduler.turn("vma.any", self._footprint, False):
            await scheduler.pass_baton()
        return any(vma.start < end and start < vma.start + vma.pages for vma in self.vmas)

    async def add(self, vma: Vma) -> None:
        """Enter a mapping. The caller holds ``mmap_lock`` for writing."""
        scheduler = self.scheduler
        if scheduler.turn("vma.add", self._footprint, True):
            await scheduler.pass_baton()
        self.enter(vma)

    def enter(self, vma: Vma) -> None:
        """:meth:`add` without a preemption point, while the machine is being set up."""
        self.vmas += (vma,)
        self._cover(vma)
        for tell in self.scheduler.bus.vma_added:
            tell(vma)

    async def replace(self, vma: Vma, parts: Sequence[Vma] = ()) -> None:
        """Put ``parts``, or nothing, in the place of a mapping, in one step.

        The caller holds ``mmap_lock`` for writing.
        """
        scheduler = self.scheduler
        if scheduler.turn("vma.replace", self._footprint, True):
            await scheduler.pass_baton()
        rest = list(self.vmas)
        rest.remove(vma)
        self.vmas = tuple(rest)
        self._covering.clear()
        for other in rest:
            self._cover(other)
        for tell in scheduler.bus.vma_removed:
            tell(vma)
        for part in parts:
            self.enter(part)

    def _cover(self, vma: Vma) -> None:
        # Several oracles ask at each load and store: it is found out when a mapping changes.
        covering = self._covering
        for vpn in range(vma.start, vma.start + vma.pages):
            covering[vpn] = (*covering.get(vpn, ()), vma)

    async def free_lazily(self, vpn: int, page: Page) -> None:
        """From now on ``page``, shown at ``vpn``, may be dropped."""
        scheduler = self.scheduler
        if scheduler.turn("lazy.add", self._lazies, True):
            await scheduler.pass_baton()
        self._lazy[vpn] = page

    async def lazily_free(self) -> list[tuple[int, Page]]:
        """The pages that may be dropped, in the order of their addresses."""
        scheduler = self.scheduler
        if scheduler.turn("lazy.list", self._lazies, False):
            await scheduler.pass_baton()
        return sorted(self._lazy.items(), key=lambda item: item[0])

    async def forget_lazy(self, vpn: int, page: Page) -> bool:
        """``page`` may not be dropped any more; false if somebody was faster."""
        scheduler = self.scheduler
        if scheduler.turn("lazy.forget", self._lazies, True):
            await scheduler.pass_baton()
        if self._lazy.get(vpn) is not page:
            return False
        del self._lazy[vpn]
        return True

    def dispose(self) -> None:
        """Let go of the mappings, which know this address space."""
        self.vmas = ()
        self._covering.clear()
        self.snapshot.clear()
        self._lazy.clear()
        self.mmap_lock.dispose()
