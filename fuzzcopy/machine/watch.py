"""The machine's events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fuzzcopy.sched import Watcher

if TYPE_CHECKING:
    from fuzzcopy.machine.cpu import Cpu
    from fuzzcopy.machine.disk import Block, IoKind
    from fuzzcopy.machine.memory import Cells, Frame
    from fuzzcopy.machine.pagetable import Entry, PageTable, TablePage
    from fuzzcopy.machine.tlb import Key, TlbEntry


class MachineWatcher(Watcher):
    """Sees what the silicon does, besides what the scheduler does."""

    def frame_allocated(self, frame: Frame) -> None:
        """``frame`` left the free list; its bytes are garbage."""

    def frame_freed(self, frame: Frame) -> None:
        """``frame`` went back to the free list."""

    def memory_read(self, cpu: Cpu, frame: Frame, start: int, cells: Cells, via: str) -> None:
        """``cells`` were read at byte ``start``; ``via`` is ``kernel`` (pointer) or ``user``."""

    def memory_written(self, cpu: Cpu, frame: Frame, start: int, cells: Cells, via: str) -> None:
        """``cells`` were written at byte ``start``; ``via`` is ``kernel`` or ``user``."""

    def user_read(self, cpu: Cpu, address: int, cells: Cells, via: TlbEntry) -> None:
        """A load at user ``address`` through the TLB entry ``via``."""

    def user_written(self, cpu: Cpu, address: int, cells: Cells, via: TlbEntry) -> None:
        """A store at user ``address`` through the TLB entry ``via``."""

    def page_faulted(self, cpu: Cpu, address: int, write: bool) -> None:
        """An access at user ``address`` could not be made: the CPU raises an exception."""

    def pte_changed(self, table: PageTable, vpn: int, old: Entry | None, new: Entry | None) -> None:
        """A page-table entry was installed, replaced or cleared."""

    def pte_dirtied(self, table: PageTable, vpn: int, entry: Entry) -> None:
        """The CPU set the dirty bit of ``entry``."""

    def table_walked(self, cpu: Cpu, page: TablePage) -> None:
        """The MMU of ``cpu`` reads an entry in a page-table page."""

    def table_freed(self, table: PageTable, page: TablePage) -> None:
        """A page-table page was given back."""

    def table_loaded(self, cpu: Cpu, table: PageTable) -> None:
        """``cpu`` translates through ``table`` from now on."""

    def tlb_filled(self, cpu: Cpu, key: Key, entry: TlbEntry) -> None:
        """``cpu`` cached a translation."""

    def tlb_dropped(self, cpu: Cpu, key: Key, entry: TlbEntry) -> None:
        """``cpu`` forgot a translation."""

    def ipi_sent(self, sender: Cpu, targets: Sequence[Cpu]) -> None:
        """``sender`` interrupted ``targets``."""

    def ipi_taken(self, cpu: Cpu, sender: Cpu) -> None:
        """``cpu`` takes an interrupt from ``sender``."""

    def interrupts_disabled(self, cpu: Cpu) -> None:
        """From here on ``cpu`` acknowledges no interrupt."""

    def interrupts_enabled(self, cpu: Cpu) -> None:
        """``cpu`` takes interrupts again."""

    def faults_disabled(self, cpu: Cpu) -> None:
        """Page faults on ``cpu`` fail from here on."""

    def faults_enabled(self, cpu: Cpu) -> None:
        """Page faults on ``cpu`` are handled again (if no other disabling is in force)."""

    def write_submitted(self, block: Block, frame: Frame) -> None:
        """The current task handed ``frame`` to the disk; the write will complete by itself."""

    def disk_read(self, block: Block, frame: Frame) -> None:
        """A read completed: ``frame`` has the block's bytes."""

    def disk_written(self, block: Block, frame: Frame) -> None:
        """A write completed: the block has the bytes of ``frame``."""

    def disk_failed(self, kind: IoKind, block: Block, frame: Frame) -> None:
        """An I/O failed: nothing was moved between ``block`` and ``frame``."""

    def disk_discarded(self, block: Block) -> None:
        """``block`` became a hole."""
