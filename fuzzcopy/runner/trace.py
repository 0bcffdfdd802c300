"""The trace of a run: every step and event in order, each with what it changed.

Its digest is the same for the same kernel source and scenario, on every Python version, hash
seed and machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from fuzzcopy.kernel import AddressSpace, ExtentState, File, Page, UserBuffer, Vma
from fuzzcopy.machine import (
    Block,
    Cells,
    Cpu,
    Entry,
    Frame,
    IoKind,
    Key,
    PageTable,
    TablePage,
    TlbEntry,
)
from fuzzcopy.machine.provenance import value
from fuzzcopy.scenario import Operation
from fuzzcopy.sched import Event, Lock, Resource, Task
from fuzzcopy.world import WorldWatcher


@dataclass(slots=True)
class Row:
    """One step of a CPU (``what`` is its label), or one event of the hardware.

    ``who`` is the CPU's name, or ``""`` for hardware. ``deviates``: the schedule says so, the
    default would have been something else. ``preempts``: the CPU chosen before could have gone
    on. ``notes`` are what changed.
    """

    number: int
    who: str
    what: str
    write: bool = False
    notes: list[str] = field(default_factory=list)
    deviates: bool = False
    preempts: bool = False


class Trace(WorldWatcher):
    """Collects rows as the run goes."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self._deviates = False
        self._preempts = False

    def digest(self) -> str:
        """A fingerprint of everything that happened."""
        text = "\n".join(
            f"{row.who}|{row.what}|{int(row.write)}|{';'.join(row.notes)}" for row in self.rows
        )
        return sha256(text.encode()).hexdigest()[:32]

    def _row(self, who: str, what: str, write: bool = False) -> None:
        self.rows.append(
            Row(len(self.rows), who, what, write, deviates=self._deviates, preempts=self._preempts)
        )
        self._deviates = self._preempts = False

    def _note(self, text: str) -> None:
        if not self.rows:
            self._row("", "start")
        self.rows[-1].notes.append(text)

    # -- scheduler --------------------------------------------------------------------------

    def step(self, task: Task, kind: str, obj: object, write: bool) -> None:
        self._row(task.name, f"{kind} {obj}" if obj is not None else kind, write)

    def decided(self, task: Task, label: str, nth: int, choice: str, value: int) -> None:
        if choice:
            self._deviates = True
            self._preempts = " " not in choice and not (
                label in ("begin", "end") or label.startswith("wait ")
            )

    def event_fired(self, event: Event) -> None:
        self._row("", event.name, True)

    def task_blocked(self, task: Task, resource: Resource) -> None:
        self._row(task.name, f"waits for {resource.description}")

    def lock_taken(self, task: Task, lock: Lock, shared: bool, tried: bool) -> None:
        self._note(f"{task} has {lock.description}{' shared' if shared else ''}")

    def lock_released(self, task: Task, lock: Lock) -> None:
        self._note(f"{task} drops {lock.description}")

    # -- machine ------------------------------------------------------------------------------

    def frame_allocated(self, frame: Frame) -> None:
        self._note(f"{frame} allocated")

    def frame_freed(self, frame: Frame) -> None:
        self._note(f"{frame} freed")

    def memory_read(self, cpu: Cpu, frame: Frame, start: int, cells: Cells, via: str) -> None:
        self._note(f"{frame}[{start}:{start + len(cells)}] = {_hex(cells)}")

    def memory_written(self, cpu: Cpu, frame: Frame, start: int, cells: Cells, via: str) -> None:
        self._note(f"{frame}[{start}:{start + len(cells)}] := {_hex(cells)}")

    def pte_changed(self, table: PageTable, vpn: int, old: Entry | None, new: Entry | None) -> None:
        self._note(f"entry {table.slot(vpn)}: {old or 'none'} -> {new or 'none'}")

    def pte_dirtied(self, table: PageTable, vpn: int, entry: Entry) -> None:
        self._note(f"entry {table.slot(vpn)} dirty")

    def table_freed(self, table: PageTable, page: TablePage) -> None:
        self._note(f"page-table page {page} freed")

    def table_loaded(self, cpu: Cpu, table: PageTable) -> None:
        self._note(f"{cpu} runs in {table}")

    def tlb_filled(self, cpu: Cpu, key: Key, entry: TlbEntry) -> None:
        self._note(f"{cpu} TLB +{key[0]}:{key[1]:#x} -> {entry.frame}")

    def tlb_dropped(self, cpu: Cpu, key: Key, entry: TlbEntry) -> None:
        self._note(f"{cpu} TLB -{key[0]}:{key[1]:#x}")

    def ipi_sent(self, sender: Cpu, targets: Sequence[Cpu]) -> None:
        if targets:
            self._note(f"{sender} interrupts {', '.join(map(str, targets))}")

    def faults_disabled(self, cpu: Cpu) -> None:
        self._note(f"{cpu} faults off")

    def faults_enabled(self, cpu: Cpu) -> None:
        self._note(f"{cpu} faults on")

    def disk_read(self, block: Block, frame: Frame) -> None:
        self._note(f"{frame} := block {block[0]}:{block[1]}")

    def disk_written(self, block: Block, frame: Frame) -> None:
        self._note(f"block {block[0]}:{block[1]} := {frame}")

    def disk_failed(self, kind: IoKind, block: Block, frame: Frame) -> None:
        self._note(f"{kind} of block {block[0]}:{block[1]} fails")

    def disk_discarded(self, block: Block) -> None:
        self._note(f"block {block[0]}:{block[1]} is a hole")

    # -- kernel -------------------------------------------------------------------------------

    def page_inserted(self, page: Page) -> None:
        self._note(f"page {page} in the cache at {page.frame}")

    def page_removed(self, file: File, page: Page) -> None:
        self._note(f"page {page} out of the cache")

    def page_flag(self, page: Page, flag: str, value: bool) -> None:
        self._note(f"page {page} {'' if value else 'not '}{flag}")

    def out_of_memory(self, cpu: Cpu) -> None:
        self._note(f"{cpu} gets no frame")

    def extent_changed(self, name: str, index: int, state: ExtentState) -> None:
        self._note(f"extent {name}:{index} is {'a hole' if state == 'hole' else state}")

    def copied_from_user(
        self, cpu: Cpu, page: Page, start: int, buffer: UserBuffer, position: int, cells: Cells
    ) -> None:
        self._note(f"{cpu} loaded {len(cells)} bytes at {position} of its buffer")

    def fault_handled(self, cpu: Cpu, address: int, write: bool, good: bool) -> None:
        self._note(f"{cpu} fault at {address:#x} {'resolved' if good else 'refused'}")

    def vma_added(self, vma: Vma) -> None:
        self._note(f"mapping {vma} added")

    def vma_removed(self, vma: Vma) -> None:
        self._note(f"mapping {vma} removed")

    def flush_done(self, cpu: Cpu, space: AddressSpace, vpns: Sequence[int]) -> None:
        self._note(f"{cpu} flush of {len(vpns)} pages of {space} complete")

    # -- programs -----------------------------------------------------------------------------

    def operation_begun(self, cpu: Cpu, number: int, operation: Operation) -> None:
        self._row(cpu.name, f"begins {operation}")

    def operation_ended(self, cpu: Cpu, number: int, operation: Operation, result: int) -> None:
        self._row(cpu.name, f"returns {result}")


def _hex(cells: Sequence[int]) -> str:
    text = "".join(f"{value(cell):02x}" for cell in cells[:16])
    return text + ("..." if len(cells) > 16 else "")
