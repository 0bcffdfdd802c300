"""A CPU: its TLB, its interrupt flag, and whether it is in the middle of an instruction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fuzzcopy.machine.tlb import Tlb

if TYPE_CHECKING:
    from fuzzcopy.machine.pagetable import PageTable
    from fuzzcopy.sched import Event, Scheduler, Task


class Cpu:
    """One CPU; its program runs in ``task``.

    Interrupts are taken between instructions only: never inside a page walk, between a TLB
    lookup and its access, or inside a chunk of a copy.
    """

    def __init__(self, scheduler: Scheduler, index: int, name: str = "") -> None:
        self.scheduler = scheduler
        self.index = index
        self.name = name or f"cpu{index}"
        self.tlb = Tlb(scheduler, self)
        self.table: PageTable | None = None
        self.task: Task | None = None
        self.pending: list[Event] = []
        self.lazy = False  # says the kernel: it runs, but not in user memory
        self.interrupts_enabled = True
        self.faults_disabled = 0
        self._in_instruction = False

    def __str__(self) -> str:
        return self.name

    @property
    def interruptible(self) -> bool:
        """Whether an interrupt would be taken now."""
        return self.interrupts_enabled and not self._in_instruction

    async def load_table(self, table: PageTable) -> None:
        """Translate through ``table`` from now on. TLB entries stay: they are tagged."""
        scheduler = self.scheduler
        if scheduler.turn("cpu.load_table", self.name, True):
            await scheduler.pass_baton()
        self.table = table
        for tell in scheduler.bus.table_loaded:
            tell(self, table)

    def begin_instruction(self) -> None:
        """From here to :meth:`end_instruction` no interrupt is taken."""
        self._in_instruction = True
        if self.pending:
            self._update()

    def end_instruction(self) -> None:
        """Interrupts are taken again."""
        self._in_instruction = False
        if self.pending:
            self._update()

    def disable_interrupts(self) -> None:
        """Interrupts wait until :meth:`enable_interrupts`."""
        self.interrupts_enabled = False
        self._update()
        for tell in self.scheduler.bus.interrupts_disabled:
            tell(self)

    def enable_interrupts(self) -> None:
        """Take interrupts again."""
        self.interrupts_enabled = True
        self._update()
        for tell in self.scheduler.bus.interrupts_enabled:
            tell(self)

    def disable_faults(self) -> None:
        """Until :meth:`enable_faults`, a page fault fails the access instead of being handled."""
        self.faults_disabled += 1
        for tell in self.scheduler.bus.faults_disabled:
            tell(self)

    def enable_faults(self) -> None:
        """Undo one :meth:`disable_faults`."""
        self.faults_disabled -= 1
        for tell in self.scheduler.bus.faults_enabled:
            tell(self)

    def dispose(self) -> None:
        """Let go of the TLB, which knows this CPU."""
        self.pending.clear()
        self.task = None
        del self.tlb

    def _update(self) -> None:
        for event in self.pending:
            self.scheduler.enable(event, self.interruptible)
