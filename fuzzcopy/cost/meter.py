"""Charging: a watcher that adds up what hardware does, per CPU and per operation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from fuzzcopy.cost.costs import Costs
from fuzzcopy.kernel import AddressSpace
from fuzzcopy.machine import Block, Cells, Cpu, Frame
from fuzzcopy.scenario import Load, Operation, Store
from fuzzcopy.sched import Task
from fuzzcopy.world import WorldWatcher

_BYTES = 4096
"""What the costs of copies in the table are for."""

_FLUSH_CEILING = 33
"""Pages up to which translations are forgotten one by one (``tlb_single_page_flush_ceiling``)."""

_ELSEWHERE = frozenset(
    {"tlb.lookup", "user.read", "user.write", "mem.read", "mem.write", "pte.walk", "begin", "end"}
)
"""Steps that cost nothing by themselves: they are charged with what they do, or with their like
(a look-up in the TLB goes on beside the access; a walk is charged where it begins)."""


@dataclass(slots=True)
class Bill:
    """What one operation cost, in nanoseconds, and what it did.

    ``fast`` is what its CPU spent before the operation's first page fault, ``slow`` what it spent
    from there on, ``others`` what the CPUs that it interrupted spent. ``by`` splits the first two
    by action. ``faults`` were handled; ``failed`` copies came back because faults were disabled.
    """

    operation: Operation | None = None
    fast: float = 0.0
    slow: float = 0.0
    others: float = 0.0
    by: dict[str, float] = field(default_factory=dict)
    faults: int = 0
    failed: int = 0
    interrupts: int = 0
    disk_reads: int = 0

    @property
    def own(self) -> float:
        """What the operation took on its own CPU."""
        return self.fast + self.slow

    @property
    def total(self) -> float:
        """What it took on all CPUs together."""
        return self.own + self.others


class Meter(WorldWatcher):
    """Charges every action to the CPU that does it, and interrupts to those interrupted, too.

    ``cold_source``: what a frame holds when the run begins is in no cache until it is read once.
    ``cold_tables``: page tables never are. A cold page that the disk has just filled always is.

    What a page fault costs includes what is done in it anyway: locks, the allocation, zeroing.
    Copies, flushes and interrupts inside it are charged besides.
    """

    def __init__(
        self, costs: Costs, *, cold_source: bool = False, cold_tables: bool = False
    ) -> None:
        self.bills: list[Bill] = []
        self.interrupted: dict[int, float] = {}
        self._costs = costs
        self._walk = costs.walk_cold if cold_tables else costs.walk_cached
        self._cold_source = cold_source
        self._read: set[tuple[int, int]] = set()
        self._cold: set[int] = set()
        self._current: dict[int, Bill] = {}
        self._handling: set[int] = set()
        self._faulted: set[int] = set()
        self._flushing: dict[int, float] = {}

    # -- operations -------------------------------------------------------------------------

    def operation_begun(self, cpu: Cpu, number: int, operation: Operation) -> None:
        bill = self._current[cpu.index] = Bill(operation)
        self.bills.append(bill)
        self._handling.discard(cpu.index)
        self._faulted.discard(cpu.index)
        if not isinstance(operation, Load | Store):
            self._charge(cpu.index, "bookkeeping", self._costs.syscall)

    def operation_ended(self, cpu: Cpu, number: int, operation: Operation, result: int) -> None:
        self._current.pop(cpu.index)

    def _charge(self, cpu: int, action: str, ns: float) -> None:
        bill = self._current.get(cpu)
        if bill is None or not ns:
            return
        if cpu in self._faulted:
            bill.slow += ns
        else:
            bill.fast += ns
        bill.by[action] = bill.by.get(action, 0.0) + ns

    # -- steps ------------------------------------------------------------------------------

    def step(self, task: Task, kind: str, obj: object, write: bool) -> None:
        cpu = task.index
        if kind in _ELSEWHERE or kind.startswith("disk."):
            return
        costs = self._costs
        if kind == "tlb.flush":
            self._charge(cpu, "flush", self._flushing.get(cpu, 0.0))
        elif kind == "table.walk":
            self._charge(cpu, "walk", self._walk)
        elif cpu in self._handling:
            return  # the lump of a page fault has it
        elif kind == "ptl.lock":
            # Who takes it has walked to the entry; what follows under it is cached.
            self._charge(cpu, "walk", self._walk)
            self._charge(cpu, "bookkeeping", costs.locked)
        elif kind in ("frame.alloc", "frame.free"):
            self._charge(cpu, "allocation", costs.alloc)
        elif write:
            self._charge(cpu, "bookkeeping", costs.locked)
        else:
            self._charge(cpu, "bookkeeping", costs.load)

    # -- memory -----------------------------------------------------------------------------

    def memory_read(self, cpu: Cpu, frame: Frame, start: int, cells: Cells, via: str) -> None:
        costs = self._costs
        ns = costs.copy_hot / 2
        piece = (frame.index, start)
        if piece not in self._read:
            self._read.add(piece)
            if self._cold_source or frame.index in self._cold:
                ns += costs.copy_cold - costs.copy_hot
        self._charge(cpu.index, "copy", ns * len(cells) / _BYTES)

    def memory_written(
        self, cpu: Cpu, frame: Frame, start: int, cells: Sequence[int], via: str
    ) -> None:
        self._read.add((frame.index, start))
        zeroing = via == "kernel" and not any(cells)
        if zeroing and cpu.index in self._handling:
            return
        ns = self._costs.copy_hot / 2 * len(cells) / _BYTES
        self._charge(cpu.index, "zeroing" if zeroing else "copy", ns)

    def disk_read(self, block: Block, frame: Frame) -> None:
        self._cold.add(frame.index)
        self._read = {piece for piece in self._read if piece[0] != frame.index}
        for bill in self._current.values():
            bill.disk_reads += 1

    # -- faults -----------------------------------------------------------------------------

    def page_faulted(self, cpu: Cpu, address: int, write: bool) -> None:
        self._faulted.add(cpu.index)
        self._charge(cpu.index, "fault", self._costs.exception)
        if not cpu.faults_disabled:
            self._handling.add(cpu.index)
        elif cpu.index in self._current:
            self._current[cpu.index].failed += 1

    def fault_handled(self, cpu: Cpu, address: int, write: bool, good: bool) -> None:
        self._handling.discard(cpu.index)
        costs = self._costs
        self._charge(cpu.index, "fault", max(costs.minor_fault - costs.exception, 0.0))
        if cpu.index in self._current:
            self._current[cpu.index].faults += 1

    def faults_disabled(self, cpu: Cpu) -> None:
        self._charge(cpu.index, "bookkeeping", self._costs.disable_faults)

    faults_enabled = faults_disabled

    # -- flushes and interrupts -------------------------------------------------------------

    def flush_begun(self, cpu: Cpu, space: AddressSpace, vpns: Sequence[int]) -> None:
        costs = self._costs
        pages = len(vpns)
        one_by_one = pages <= _FLUSH_CEILING
        self._flushing[cpu.index] = costs.invlpg * pages if one_by_one else costs.flush_all

    def ipi_sent(self, sender: Cpu, targets: Sequence[Cpu]) -> None:
        if targets:
            costs = self._costs
            ns = costs.shootdown + costs.shootdown_per_cpu * len(targets)
            self._charge(sender.index, "interrupts", ns)
            if sender.index in self._current:
                self._current[sender.index].interrupts += len(targets)

    def ipi_taken(self, cpu: Cpu, sender: Cpu) -> None:
        ns = self._costs.interrupt + self._flushing.get(sender.index, 0.0)
        self.interrupted[cpu.index] = self.interrupted.get(cpu.index, 0.0) + ns
        if sender.index in self._current:
            self._current[sender.index].others += ns
