"""A census: how often everything that can happen really happened.

A run in which nothing was found says little unless one knows what happened in it: one that never
took a dirty page out from under a mapping has not tried that. Counts are by group and name, so
that what a new operation or a new event adds shows up by itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from errno import errorcode

from fuzzcopy.counted import counted
from fuzzcopy.kernel import AddressSpace, ExtentState, File, Page
from fuzzcopy.machine import Block, Cells, Cpu, Entry, Frame, IoKind, PageTable, TlbEntry
from fuzzcopy.oracles import Oracle
from fuzzcopy.scenario import Operation, Read, Write, kind_of
from fuzzcopy.sched import Event, Lock, Resource, Task
from fuzzcopy.world import World

Counts = Counter[tuple[str, str]]
"""By group (``operation``, ``fault``, ...) and what happened."""


class Census(Oracle):
    """Counts into ``counts``, which outlives the run; never objects to anything.

    What the kernel does to pages and entries is put down to the operation during which it did so:
    ``entry cleared (dirty) by truncate``. See :func:`census` for how to use it.
    """

    counts: Counts
    _doing: list[str] | None = None

    def begin(self, world: World) -> None:
        super().begin(world)
        self._doing = [""] * len(world.machine.cpus)
        faults = world.plan.scenario.faults
        for name in faults.__struct_fields__:
            if getattr(faults, name):
                self._count("run with", name)
        self._count("run with", counted(len(world.plan.scenario.cpus), "CPU"))
        for name in world.plan.scenario.actors.rounds():
            self._count("run with", name)

    def _count(self, group: str, what: str) -> None:
        if self._doing is not None:  # else the world is being set up
            self.counts[group, what] += 1

    def _by(self) -> str:
        """Which operation the running CPU is in."""
        if self._doing is None:
            return ""
        task = self.world.scheduler.current
        return (self._doing[task.index] or task.name) if task is not None else "hardware"

    # -- programs ---------------------------------------------------------------------------

    def operation_begun(self, cpu: Cpu, number: int, operation: Operation) -> None:
        self._begins(cpu, kind_of(operation))

    def operation_ended(self, cpu: Cpu, number: int, operation: Operation, result: int) -> None:
        self._begins(cpu, "")
        how = ""
        if result < 0:
            how = f" -> {errorcode.get(-result, str(result))}"
        elif isinstance(operation, Read | Write):
            asked = sum(segment.length for segment in operation.buffer)
            how = " -> short" if result < asked else ""
        self._count("operation", kind_of(operation) + how)

    def _begins(self, cpu: Cpu, what: str) -> None:
        assert self._doing is not None
        self._doing[cpu.index] = what

    # -- faults and copies ------------------------------------------------------------------

    def fault_handled(self, cpu: Cpu, address: int, write: bool, good: bool) -> None:
        mode = "write" if write else "read"
        what = self._resolved(cpu, address) if good else "refused"
        self._count("fault", f"{mode} fault: {what} (in {self._by()})")

    def _resolved(self, cpu: Cpu, address: int) -> str:
        """What the entry shows now."""
        kernel = self.world.kernel
        space = kernel.space_of(cpu)
        vpn = address // self.world.machine.page_size
        entry = space.table.entries.get(vpn)
        vma = space.peek(vpn)
        if entry is None or vma is None:
            return "gone again"
        if kernel.page_of(entry.frame).anonymous:
            return "anonymous page" if vma.file is None else "private copy"
        return "page of the file" + (", writable" if entry.writable else "")

    def copied_short(self, cpu: Cpu, copied: int, length: int) -> None:
        how = "nothing" if copied == 0 else "part"
        mode = "atomic" if cpu.faults_disabled else "sleeping"
        self._count("copy", f"{mode} copy got {how} (in {self._by()})")

    def write_retried(self, cpu: Cpu, length: int) -> None:
        self._count("copy", "write tried again after a short copy")

    # -- pages ------------------------------------------------------------------------------

    def page_inserted(self, page: Page) -> None:
        self._count("page", f"enters the cache by {self._by()}")

    def page_removed(self, file: File, page: Page) -> None:
        self._count("page", f"leaves the cache by {self._by()}")

    def page_scanned(self, page: Page, mapped: bool, dirty: bool, gone: bool) -> None:
        state = f"{'mapped' if mapped else 'unmapped'} {'dirty' if dirty else 'clean'}"
        self._count("reclaim", f"{state} page {'freed' if gone else 'kept'} by {self._by()}")

    def page_flag(self, page: Page, flag: str, value: bool) -> None:
        if flag == "writeback":
            if value:
                mapped = "mapped" if page.mapcount else "unmapped"
                self._count("page", f"{mapped} page written back by {self._by()}")
        elif flag == "uptodate":
            self._count("page", "becomes uptodate" if value else "is uptodate no more")
        elif value:
            self._count("page", f"becomes {flag} by {self._by()}")

    def disk_failed(self, kind: IoKind, block: Block, frame: Frame) -> None:
        self._count("disk", f"{kind} fails")

    def extent_changed(self, name: str, index: int, state: ExtentState) -> None:
        self._count("extent", f"becomes {'a hole' if state == 'hole' else state}")

    # -- translations -----------------------------------------------------------------------

    def pte_changed(self, table: PageTable, vpn: int, old: Entry | None, new: Entry | None) -> None:
        if old is None:
            change = "set"
        elif new is None:
            change = "cleared (dirty)" if old.dirty else "cleared"
        elif new.frame is not old.frame:
            change = "given another frame"
        elif new.writable > old.writable:
            change = "made writable"
        else:
            change = "replaced"
        self._count("entry", f"{change} by {self._by()}")

    def user_read(self, cpu: Cpu, address: int, cells: Cells, via: TlbEntry) -> None:
        self._access(cpu, address, via, "load")

    def user_written(self, cpu: Cpu, address: int, cells: Cells, via: TlbEntry) -> None:
        self._access(cpu, address, via, "store")
        if not via.frame.free and self.world.kernel.page_of(via.frame).writeback:
            self._count("tlb", "store to a page under writeback")

    def _access(self, cpu: Cpu, address: int, via: TlbEntry, what: str) -> None:
        table = cpu.table
        assert table is not None
        if table.entries.get(address // self.world.machine.page_size) is not via.entry:
            self._count("tlb", f"{what} through a translation about to be flushed")

    def flush_done(self, cpu: Cpu, space: AddressSpace, vpns: Sequence[int]) -> None:
        others = sum(1 for other in space.cpus if other is not cpu)
        self._count("tlb", f"flush by {self._by()}, {counted(others, 'other CPU')}")

    # -- hardware and waiting ---------------------------------------------------------------

    def event_fired(self, event: Event) -> None:
        self._count("event", event.name.split(" ")[0])

    def out_of_memory(self, cpu: Cpu) -> None:
        self._count("event", f"out of memory in {self._by()}")

    def task_blocked(self, task: Task, resource: Resource) -> None:
        kind = getattr(resource, "kind", "something else")
        what = f"{kind} lock" if isinstance(resource, Lock) else kind
        self._count("wait", f"for {what} (in {self._by()})")


def census(counts: Counts) -> type[Census]:
    """The oracle to pass beside the judges; what it sees is added to ``counts``."""
    return type("Census", (Census,), {"counts": counts})
