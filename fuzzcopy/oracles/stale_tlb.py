"""Stale TLB entries: translations that survive what should have removed them."""

from __future__ import annotations

from collections.abc import Sequence

from fuzzcopy.kernel import AddressSpace, Page, slot_page
from fuzzcopy.machine import Cells, Cpu, Entry, Frame, Key, PageTable, TlbEntry
from fuzzcopy.oracles.evidence import StaleEntry
from fuzzcopy.oracles.oracle import Oracle
from fuzzcopy.scenario import Madvise, Mprotect, Mremap, Munmap, Operation, WriteProtect, kind_of
from fuzzcopy.sched import Verdict


class StaleTlb(Verdict):
    """A CPU still has a translation that was taken away, after that was promised."""

    kind = "stale TLB"


class StaleTlbAccess(Verdict):
    """A load or store went through a translation that was taken away, after that was promised."""

    kind = "stale TLB access"


class StaleTlbOracle(Oracle):
    """A TLB entry is stale once its page-table entry was cleared or downgraded and

    - a flush that covers it, begun afterwards, has completed, or
    - its frame was freed, or
    - a call that promises removal has returned (``munmap``, ``madvise``, ``mremap``; ``mprotect``
      and ``writeprotect`` promise the removal of write permission alone), and the entry was in
      its range when the call began, or
    - its frame was copied in order to be replaced, and the CPU can still write to it unseen:
      what it writes is in no copy.

    Too little permission is never stale. On a CPU that is lazy, or runs in another address
    space, an entry may wait: it is judged when the CPU loads the table again.

    An access that was looked up before, and is made when the entry is gone from the TLB, is
    reported as a stale TLB access.
    """

    def __init__(self) -> None:
        # Entries that were taken away, per place; kept until a flush proves them gone.
        self._gone: dict[Key, list[Entry]] = {}
        self._covered: dict[str, list[tuple[Key, Entry]]] = {}
        self._clock = 0
        self._born: dict[Entry, int] = {}
        self._begun: dict[int, int] = {}
        self._taken_in: dict[Entry, tuple[int, int]] = {}  # by which CPU, in which call
        self._dead: dict[Entry, str] = {}  # entries nobody may use any more, and why

    def operation_begun(self, cpu: Cpu, number: int, operation: Operation) -> None:
        self._clock += 1
        self._begun[cpu.index] = self._clock

    def operation_ended(self, cpu: Cpu, number: int, operation: Operation, result: int) -> None:
        begun = self._begun.pop(cpu.index)
        if result != 0:
            return
        match operation:
            case (
                Munmap(slot, first, pages)
                | Madvise(slot, first, pages)
                | Mprotect(slot, first, pages, False)
                | WriteProtect(slot, first, pages)
            ):
                start = slot_page(slot) + first
            case Mremap(slot, pages):
                start = slot_page(slot)
            case _:
                return
        only_writable = isinstance(operation, Mprotect | WriteProtect)
        space = self.world.kernel.space_of(cpu)
        for vpn in range(start, start + pages):
            key = (space.table.name, vpn)
            for entry in self._gone.get(key, ()):
                if self._born.get(entry, 0) < begun and (entry.writable or not only_writable):
                    self._look_for(key, entry, f"{kind_of(operation)} has returned")

    def _look_for(self, key: Key, entry: Entry, why: str) -> None:
        self._dead[entry] = why
        # Every CPU there is: the kernel's own mask may be what is wrong.
        for other in self.world.machine.cpus:
            cached = other.tlb.entries.get(key)
            if cached is not None and cached.entry is entry and self._in_use(other, key):
                self._stale(other, key, cached, why)

    def _in_use(self, cpu: Cpu, key: Key) -> bool:
        if cpu.lazy or cpu.table is None or cpu.table.name != key[0]:
            return False
        # With interrupts off it is in the kernel, perhaps on its way back from being lazy: then
        # it has yet to look what it missed, and is judged when it has loaded the table.
        return cpu.interrupts_enabled

    def table_loaded(self, cpu: Cpu, table: PageTable) -> None:
        for key, cached in cpu.tlb.entries.items():
            if key[0] == table.name and cached.entry in self._dead:
                self._stale(cpu, key, cached, self._dead[cached.entry])

    def user_read(self, cpu: Cpu, address: int, cells: Cells, via: TlbEntry) -> None:
        why = self._dead.get(via.entry)
        if why is not None:
            self.fail(
                StaleTlbAccess(
                    f"{cpu} reached {via.frame} at {address:#x} by a translation "
                    f"looked up before, although {why}"
                ),
                StaleEntry(
                    cpu.name,
                    self.world.kernel.space_of(cpu).table.name,
                    address // self.world.machine.page_size,
                ),
            )

    user_written = user_read

    def pte_changed(self, table: PageTable, vpn: int, old: Entry | None, new: Entry | None) -> None:
        if old is not None and not (
            new is not None and new.frame is old.frame and new.writable >= old.writable
        ):
            self._gone.setdefault((table.name, vpn), []).append(old)
            task = self.world.scheduler.current
            if task is not None:
                self._taken_in[old] = (task.index, self._begun.get(task.index, 0))
        if new is not None:
            self._clock += 1
            self._born[new] = self._clock

    def flush_begun(self, cpu: Cpu, space: AddressSpace, vpns: Sequence[int]) -> None:
        name = space.table.name
        gone = self._gone
        self._covered[cpu.name] = [
            ((name, vpn), entry) for vpn in vpns for entry in gone.get((name, vpn), ())
        ]

    def flush_done(self, cpu: Cpu, space: AddressSpace, vpns: Sequence[int]) -> None:
        for key, entry in self._covered.pop(cpu.name, ()):
            self._look_for(key, entry, f"the flush by {cpu} has completed")
            entries = self._gone.get(key)
            if entries and entry in entries:
                entries.remove(entry)

    def copied_to_replace(self, cpu: Cpu, space: AddressSpace, vpn: int, page: Page) -> None:
        key = (space.table.name, vpn)
        for entry in self._gone.get(key, ()):
            by, call = self._taken_in.get(entry, (None, 0))
            for other in self.world.machine.cpus:
                cached = other.tlb.entries.get(key)
                if cached is None or cached.entry is not entry or not self._in_use(other, key):
                    continue
                if other.index == by and self._begun.get(by) == call:
                    continue  # it is still in the call that took the permission away
                if cached.frame is page.frame and cached.writable and cached.dirty:
                    self._stale(other, key, cached, f"{cpu} has copied {page.frame} for good")

    def frame_freed(self, frame: Frame) -> None:
        for cpu in self.world.machine.cpus:
            for key, cached in cpu.tlb.entries.items():
                if cached.frame is frame:
                    why = self._dead[cached.entry] = f"{frame} has been freed"
                    if self._in_use(cpu, key):
                        self._stale(cpu, key, cached, why)

    def _stale(self, cpu: Cpu, key: Key, cached: TlbEntry, why: str) -> None:
        self.fail(
            StaleTlb(
                f"{cpu} still translates {key[0]}:{key[1]:#x} to {cached.frame} although {why}"
            ),
            StaleEntry(cpu.name, *key),
        )
