"""What a step of the kernel touches, for exploration: its label, and what it announces.

Every event of the world counts as a write of all it names, unless it says less here. Oracles see
the order of events, so what they compare is touched as well: whether an operation had ended when
another began, whether a load came before a store, what was cleared when a flush began.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from fuzzcopy.kernel import AddressSpace, File, Page, UserBuffer, Vma
from fuzzcopy.machine import Block, Cells, Cpu, Entry, Frame, IoKind, Key, PageTable, TlbEntry
from fuzzcopy.scenario import Load, Operation, Scenario, Store
from fuzzcopy.sched import Event, Task, Watcher
from fuzzcopy.sched.exploration import Footprint
from fuzzcopy.sched.exploration.footprint import EVERYTHING
from fuzzcopy.world import WorldWatcher

_ANNOUNCED = ("disk.", "ipi ", "tlb.")
"""Events of the hardware, by the beginning of their names, that announce all they touch."""


class KernelFootprint(Footprint, WorldWatcher):
    """The footprint of a step of ``scenario``."""

    def __init__(self, scenario: Scenario) -> None:
        super().__init__()
        self._cpus = [f"cpu{i}" for i in range(len(scenario.cpus))]
        self._spaces = [f"mm{i}" for i in range(len(scenario.spaces))]
        self._files = [f"f{i}" for i in range(len(scenario.files))]

    def touch(self, obj: object, write: bool) -> None:
        super().touch(obj, write)
        if isinstance(obj, str) and ":" in obj:
            # One place of a table, or all of them: "mm0:0x10", "mm0:*".
            table = obj.partition(":")[0]
            self._key("all of", table, obj == f"{table}:*")

    def _key(self, kind: str, name: str, write: bool) -> None:
        key = (kind, name)
        self.accesses[key] = write or self.accesses.get(key, False)

    touched = touch

    # -- the scheduler ------------------------------------------------------------------------

    def step(self, task: Task, kind: str, obj: object, write: bool) -> None:
        if obj is not None:
            self.touch(obj, write)
        if kind == "tlb.lookup":
            # An instruction begins: no interrupt is taken.
            self._key("interrupts", task.name, True)

    def event_fired(self, event: Event) -> None:
        if not event.name.startswith(_ANNOUNCED):
            self.accesses[EVERYTHING] = True

    # -- the machine --------------------------------------------------------------------------

    def memory_read(self, cpu: Cpu, frame: Frame, start: int, cells: Cells, via: str) -> None:
        self.touch(frame, False)

    def memory_written(self, cpu: Cpu, frame: Frame, start: int, cells: Cells, via: str) -> None:
        self.touch(frame, True)

    def user_read(self, cpu: Cpu, address: int, cells: Cells, via: TlbEntry) -> None:
        self._user_access(False)

    def user_written(self, cpu: Cpu, address: int, cells: Cells, via: TlbEntry) -> None:
        self._user_access(True)

    def _user_access(self, write: bool) -> None:
        # Judged by their order over all frames, and by the mappings and sizes at that time.
        self._key("user memory", "", write)
        for cpu in self._cpus:
            self._key("begin of", cpu, False)
            self._key("end of", cpu, False)
        for space in self._spaces:
            self.touch(f"{space} mappings", False)
        for file in self._files:
            self._key("Cell", f"{file}.size", False)

    def pte_changed(self, table: PageTable, vpn: int, old: Entry | None, new: Entry | None) -> None:
        self.touch(table.slot(vpn), True)

    def pte_dirtied(self, table: PageTable, vpn: int, entry: Entry) -> None:
        self.touch(table.slot(vpn), True)

    def tlb_filled(self, cpu: Cpu, key: Key, entry: TlbEntry) -> None:
        self.touch(cpu.tlb, True)

    def tlb_dropped(self, cpu: Cpu, key: Key, entry: TlbEntry) -> None:
        self.touch(cpu.tlb, True)

    def frame_freed(self, frame: Frame) -> None:
        self.touch(frame, True)
        self._all_tlbs()

    def table_loaded(self, cpu: Cpu, table: PageTable) -> None:
        # What the CPU's TLB has kept is judged now.
        self.touch(table, True)
        self.touch(cpu.tlb, True)

    def _all_tlbs(self) -> None:
        """Somebody looks which TLBs have a translation still, on CPUs that may use it."""
        for cpu in self._cpus:
            self._key("Tlb", f"tlb of {cpu}", False)
            self._key("interrupts", cpu, False)
            self.touch(cpu, False)
        for space in self._spaces:
            self.touch(f"{space} mask", False)

    def ipi_sent(self, sender: Cpu, targets: Sequence[Cpu]) -> None:
        for target in targets:
            self._key("interrupts", target.name, False)

    def ipi_taken(self, cpu: Cpu, sender: Cpu) -> None:
        self.touch(cpu.tlb, True)
        self._key("interrupts", cpu.name, True)

    def interrupts_disabled(self, cpu: Cpu) -> None:
        self._key("interrupts", cpu.name, True)

    interrupts_enabled = interrupts_disabled

    def write_submitted(self, block: Block, frame: Frame) -> None:
        self._block(block, False)

    def disk_read(self, block: Block, frame: Frame) -> None:
        self._block(block, False)
        self.touch(frame, True)

    def disk_written(self, block: Block, frame: Frame) -> None:
        self._block(block, True)
        self.touch(frame, False)

    def disk_failed(self, kind: IoKind, block: Block, frame: Frame) -> None:
        # Another one of that block, and which of them fails, is a matter of their order.
        self._block(block, True)

    def disk_discarded(self, block: Block) -> None:
        self._block(block, True)

    def _block(self, block: Block, write: bool) -> None:
        self._key("block", f"{block[0]}:{block[1]}", write)
        self._key("all blocks of", block[0], False)

    # -- the kernel ---------------------------------------------------------------------------

    def page_removed(self, file: File, page: Page) -> None:
        self.touch(page, True)

    def copied_from_user(
        self, cpu: Cpu, page: Page, start: int, buffer: UserBuffer, position: int, cells: Cells
    ) -> None:
        """Nothing beyond the load and the store around it."""

    copied_to_user = copied_from_user

    def vma_added(self, vma: Vma) -> None:
        self.touch(f"{vma.space.name} mappings", True)

    vma_removed = vma_added

    def extent_changed(self, name: str, index: int, state: str) -> None:
        self._key("Extents", f"{name} extents", True)

    def flush_begun(self, cpu: Cpu, space: AddressSpace, vpns: Sequence[int]) -> None:
        for vpn in vpns:
            self.touch(space.table.slot(vpn), False)

    def flush_done(self, cpu: Cpu, space: AddressSpace, vpns: Sequence[int]) -> None:
        self.flush_begun(cpu, space, vpns)
        self._all_tlbs()

    # -- operations ---------------------------------------------------------------------------

    def operation_begun(self, cpu: Cpu, number: int, operation: Operation) -> None:
        # Judged by their intervals: it matters what had ended, not what else had begun.
        if not isinstance(operation, Load | Store):
            self._key("begin of", cpu.name, True)
            for other in self._cpus:
                self._key("end of", other, False)
            self._subjects(operation)

    def operation_ended(self, cpu: Cpu, number: int, operation: Operation, result: int) -> None:
        if not isinstance(operation, Load | Store):
            self._key("end of", cpu.name, True)
            for other in self._cpus:
                self._key("begin of", other, False)
            self._subjects(operation)

    def _subjects(self, operation: Operation) -> None:
        """What oracles look at when the operation begins and ends."""
        for file in self._files:
            self._key("Cell", f"{file}.size", False)
        if getattr(operation, "file", None) is not None:
            self._key("all blocks of", f"f{operation.file}", True)  # type: ignore[union-attr]
        if hasattr(operation, "slot"):
            self._all_tlbs()
            for space in self._spaces:
                self.touch(f"{space} mappings", False)
                self._key("all of", space, True)


def _named(name: str) -> Callable[..., None]:
    def handler(self: KernelFootprint, *arguments: object) -> None:
        for argument in arguments:
            if not isinstance(argument, _PLAIN):
                self.touch(argument, True)

    handler.__name__ = name
    handler.__doc__ = "All that is named may be touched."
    return handler


_PLAIN = (Cpu, Task, Event, int, str, list, type(None))
"""Who did it, and figures."""


def _unlisted() -> list[str]:
    names = [n for n in dir(WorldWatcher) if not n.startswith("_") and not hasattr(Watcher, n)]
    return [n for n in names if getattr(KernelFootprint, n) is getattr(WorldWatcher, n)]


for _name in _unlisted():
    setattr(KernelFootprint, _name, _named(_name))
