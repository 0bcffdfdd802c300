"""A trace that can be explained: what was so at every step, and which code was running.

It has the rows, and so the digest, of a :class:`~fuzzcopy.runner.Trace`; beside each row it keeps
a :class:`~fuzzcopy.report.moment.Moment`. What an event changes becomes a change of facts; what
it does not change is told in the words of :mod:`fuzzcopy.report.words`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from fuzzcopy.kernel import AddressSpace, ExtentState, File, Page, Vma
from fuzzcopy.machine import Block, Cells, Cpu, Entry, Frame, Key, PageTable, TlbEntry
from fuzzcopy.report import facts
from fuzzcopy.report.moment import Told, Translation
from fuzzcopy.report.reel import Reel
from fuzzcopy.report.words import WORDS
from fuzzcopy.runner import Trace
from fuzzcopy.scenario import Operation
from fuzzcopy.sched import Event, Lock, Resource, Task
from fuzzcopy.world import World


class Film(Reel):
    """Watch one run of the kernel it was made for."""

    # -- scheduler ----------------------------------------------------------------------------

    def world_built(self, world: World) -> None:
        self.origins = world.plan.origins
        self.initial = facts.initial(world)
        self._state = dict(self.initial)
        self._world = world
        self._count(world, -1)

    def step(self, task: Task, kind: str, obj: object, write: bool) -> None:
        super().step(task, kind, obj, write)
        moment = self.moments[-1]
        moment.kind = "step"
        moment.obj = _footprint(obj)
        moment.stack = self._stack()

    def event_fired(self, event: Event) -> None:
        super().event_fired(event)
        self.moments[-1].kind = "event"

    def task_blocked(self, task: Task, resource: Resource) -> None:
        super().task_blocked(task, resource)
        moment = self.moments[-1]
        moment.kind = "wait"
        moment.obj = resource.description
        if isinstance(resource, Lock):
            moment.obj = self._lock_name(resource)
        moment.stack = self._stack()

    def lock_taken(self, task: Task, lock: Lock, shared: bool, tried: bool) -> None:
        super().lock_taken(task, lock, shared, tried)
        self._set("lock", self._lock_name(lock), facts.lock_fact(lock))

    def lock_released(self, task: Task, lock: Lock) -> None:
        super().lock_released(task, lock)
        self._set("lock", self._lock_name(lock), facts.lock_fact(lock))

    # -- machine --------------------------------------------------------------------------------

    def frame_allocated(self, frame: Frame) -> None:
        super().frame_allocated(frame)
        self._set("frame", frame.name, "just allocated")
        self._set("bytes", frame.name, tuple(frame.cells))

    def frame_freed(self, frame: Frame) -> None:
        super().frame_freed(frame)
        self._set("frame", frame.name, None)
        self._set("bytes", frame.name, None)

    def memory_read(self, cpu: Cpu, frame: Frame, start: int, cells: Cells, via: str) -> None:
        super().memory_read(cpu, frame, start, cells, via)
        self._frame(frame)
        self._touch(cpu.name, "read", frame.name, start, cells)

    def memory_written(self, cpu: Cpu, frame: Frame, start: int, cells: Cells, via: str) -> None:
        super().memory_written(cpu, frame, start, cells, via)
        self._frame(frame)
        self._touch(cpu.name, "wrote", frame.name, start, cells)

    def user_read(self, cpu: Cpu, address: int, cells: Cells, via: TlbEntry) -> None:
        assert cpu.table is not None
        self._translate("used", cpu.name, self._page_at(cpu, address), f"to load from {via.frame}")

    def user_written(self, cpu: Cpu, address: int, cells: Cells, via: TlbEntry) -> None:
        self._translate("used", cpu.name, self._page_at(cpu, address), f"to store into {via.frame}")

    def _page_at(self, cpu: Cpu, address: int) -> str:
        assert cpu.table is not None
        assert self._world is not None
        return cpu.table.slot(address // self._world.machine.page_size)

    def pte_changed(self, table: PageTable, vpn: int, old: Entry | None, new: Entry | None) -> None:
        super().pte_changed(table, vpn, old, new)
        place = table.slot(vpn)
        self._set("entry", place, facts.entry_fact(new) if new else None)
        if self._world is None:
            return
        if new is not None:
            self._frame(new.frame)
        who = self.rows[-1].who
        text = facts.entry_fact(new) if new else f"which was {old and facts.entry_fact(old)}"
        self._translate("set" if new else "cleared", who, place, text)

    def pte_dirtied(self, table: PageTable, vpn: int, entry: Entry) -> None:
        super().pte_dirtied(table, vpn, entry)
        self._set("entry", table.slot(vpn), facts.entry_fact(entry))

    def tlb_filled(self, cpu: Cpu, key: Key, entry: TlbEntry) -> None:
        super().tlb_filled(cpu, key, entry)
        place = f"{key[0]}:{key[1]:#x}"
        self._set("tlb", f"{cpu} {place}", facts.entry_fact(entry))
        self._translate("filled", cpu.name, place, facts.entry_fact(entry))

    def tlb_dropped(self, cpu: Cpu, key: Key, entry: TlbEntry) -> None:
        super().tlb_dropped(cpu, key, entry)
        place = f"{key[0]}:{key[1]:#x}"
        self._set("tlb", f"{cpu} {place}", None)
        self._translate("dropped", cpu.name, place, facts.entry_fact(entry))

    def disk_read(self, block: Block, frame: Frame) -> None:
        super().disk_read(block, frame)
        self._frame(frame)
        self._touch("the disk", "read", f"block {block[0]}:{block[1]}", 0, frame.cells)
        self._touch("the disk", "wrote", frame.name, 0, frame.cells)

    def disk_written(self, block: Block, frame: Frame) -> None:
        super().disk_written(block, frame)
        self._set("disk", f"{block[0]}:{block[1]}", tuple(frame.cells))
        self._touch("the disk", "wrote", f"block {block[0]}:{block[1]}", 0, frame.cells)

    def disk_discarded(self, block: Block) -> None:
        super().disk_discarded(block)
        self._set("disk", f"{block[0]}:{block[1]}", None)
        self._touch(self.rows[-1].who, "freed", f"block {block[0]}:{block[1]}", 0, ())

    # -- kernel ---------------------------------------------------------------------------------

    def page_inserted(self, page: Page) -> None:
        super().page_inserted(page)
        self._set("page", page.name, facts.page_fact(page))
        self._frame(page.frame)

    def page_removed(self, file: File, page: Page) -> None:
        super().page_removed(file, page)
        self._set("page", page.name, None)

    def page_flag(self, page: Page, flag: str, value: bool) -> None:
        super().page_flag(page, flag, value)
        if page.file is not None or page.anonymous:
            self._set("page", page.name, facts.page_fact(page))
        elif self._world is not None:
            text = f"{page}, no longer cached, is {'' if value else 'not '}{flag}"
            self._now().told.append(Told(text, noted=True))

    def extent_changed(self, name: str, index: int, state: ExtentState) -> None:
        super().extent_changed(name, index, state)
        self._set("extent", f"{name}:{index}", str(state))

    def vma_added(self, vma: Vma) -> None:
        super().vma_added(vma)
        self._set("mapping", str(vma), "there")

    def vma_removed(self, vma: Vma) -> None:
        super().vma_removed(vma)
        self._set("mapping", str(vma), None)

    def flush_begun(self, cpu: Cpu, space: AddressSpace, vpns: Sequence[int]) -> None:
        # Its step comes next.
        for vpn in vpns:
            self.translations.append(
                Translation(len(self.moments), "begun", cpu.name, space.table.slot(vpn), "")
            )

    def flush_done(self, cpu: Cpu, space: AddressSpace, vpns: Sequence[int]) -> None:
        super().flush_done(cpu, space, vpns)
        for vpn in vpns:
            self._translate("done", cpu.name, space.table.slot(vpn), "")

    def fault_handled(self, cpu: Cpu, address: int, write: bool, good: bool) -> None:
        super().fault_handled(cpu, address, write, good)
        if not good:
            self._now().told.append(Told(f"fault at {address:#x} refused", noted=True))

    # -- programs -------------------------------------------------------------------------------

    def operation_begun(self, cpu: Cpu, number: int, operation: Operation) -> None:
        super().operation_begun(cpu, number, operation)
        self.moments[-1].kind = "begin"
        self.moments[-1].obj = str(operation)

    def operation_ended(self, cpu: Cpu, number: int, operation: Operation, result: int) -> None:
        super().operation_ended(cpu, number, operation, result)
        self.moments[-1].kind = "end"
        self.moments[-1].obj = str(result)


def _footprint(obj: object) -> str:
    """What a step touches, unlike everything else: a page and its lock have the same name."""
    return obj.description if isinstance(obj, Lock) else f"{type(obj).__name__} {obj}"


def _teller(event: str) -> Callable[..., None]:
    of_trace = getattr(Trace, event)

    def told(self: Film, *args: object) -> None:
        of_trace(self, *args)
        self._tell(event, *args)

    return told


# Only what is on the class is announced: see fuzzcopy.sched.Bus.
for _event in WORDS:
    setattr(Film, _event, _teller(_event))
