"""Lock-order inversion: the deadlock that did not happen this time."""

from __future__ import annotations

import sys
from types import FrameType
from typing import TYPE_CHECKING

from fuzzcopy.lockorder import ANY, Dependency, Hold, LockOrderInversion, OrderGraph, Witness
from fuzzcopy.machine import Block, Cells, Cpu, Frame, TlbEntry
from fuzzcopy.oracles.oracle import Oracle
from fuzzcopy.sched import Event, Lock, Resource, Task

if TYPE_CHECKING:
    from fuzzcopy.kernel import Page
    from fuzzcopy.lockorder.dependency import How
    from fuzzcopy.scenario import Operation
    from fuzzcopy.world import World

_Key = tuple[str, str, bool, bool]


class _State:
    """What a task may hold in a kind of operation, as it was taken, and where it goes from here.

    There is one of each in a tracker's life: what was seen once costs two look-ups ever after.
    """

    __slots__ = ("after", "awaited", "copied", "doing", "holds", "without")

    def __init__(self, doing: type[Operation] | None, holds: tuple[Hold, ...]) -> None:
        self.doing = doing
        self.holds = holds
        self.after: dict[_Key, _State] = {}
        self.without: dict[tuple[str, str], _State] = {}
        self.awaited: set[tuple[str, str]] = set()
        self.copied = not holds


class LockOrderTracker(Oracle):
    """Enters into a graph what every task wants under what it holds; it never ends a run.

    One tracker may watch many runs one after the other: what they show together counts. An access
    to user memory counts as taking mmap, invalidate and page lock, as it does when it faults,
    unless page faults are disabled. A lock that is only tried makes no edge towards it.
    """

    def __init__(self, graph: OrderGraph | None = None) -> None:
        self.graph = OrderGraph() if graph is None else graph
        self._states: dict[tuple[type[Operation] | None, tuple[Hold, ...]], _State] = {}
        self._root = self._state(None, ())
        self._begun: dict[type[Operation], _State] = {}
        self._at: list[_State] = []
        self._names: list[str] = []
        self._doing: list[int] = []
        self._wants: list[str] = []  # the class that each waits, or last waited, for
        self._places: dict[tuple[str, str], str] = {}  # of what is held and is no lock

    def begin(self, world: World) -> None:
        super().begin(world)
        self._names = [task.name for task in world.scheduler.tasks]
        tasks = len(self._names)
        self._at = [self._root] * tasks
        self._doing = [-1] * tasks
        self._wants = [""] * tasks
        self._places.clear()

    def held(self, task: Task) -> tuple[Hold, ...]:
        """What ``task`` holds now, in the order in which it was taken."""
        return self._at[task.index].holds

    def order_of(self, name: str) -> tuple[str, ...]:
        """The classes that the blocked task called ``name`` took in this run and has not let go.

        In the order in which they were taken; the last is the one that it waits for.
        """
        index = self._names.index(name)
        return (*[hold.kind for hold in self._at[index].holds], self._wants[index])

    # -- what is held -------------------------------------------------------------------------

    def lock_taken(self, task: Task, lock: Lock, shared: bool, tried: bool) -> None:
        state = self._at[task.index]
        key = (lock.kind, lock.name, shared, tried)
        after = state.after.get(key)
        if after is None:
            hold = Hold(lock.kind, lock.name, shared)
            if tried or not state.holds:
                self._took(task, state, hold, lock.taken_at(task))
            else:
                self._depends(task, state, hold, "takes", lock.taken_at(task))
            after = state.after[key] = self._state(state.doing, (*state.holds, hold))
        self._at[task.index] = after

    def lock_released(self, task: Task, lock: Lock) -> None:
        if not isinstance(task, Task):
            return  # an I/O that had taken the lock over
        rest = self._at[task.index].without.get((lock.kind, lock.name))
        if rest is None:
            self._drop(task, lock.kind, lock.name)
        else:
            self._at[task.index] = rest

    def interrupts_disabled(self, cpu: Cpu) -> None:
        self._hold(cpu.task, Hold("ipi", cpu.name))

    def interrupts_enabled(self, cpu: Cpu) -> None:
        self._drop(cpu.task, "ipi", cpu.name)

    def page_flag(self, page: Page, flag: str, value: bool) -> None:
        if flag == "writeback" and value:
            self._hold(self.world.scheduler.current, Hold("writeback", page.name))

    def write_submitted(self, block: Block, frame: Frame) -> None:
        self._drop(self.world.scheduler.current, "writeback", f"{block[0]}:{block[1]}")

    # -- what is wanted -----------------------------------------------------------------------

    def user_read(self, cpu: Cpu, address: int, cells: Cells, via: TlbEntry) -> None:
        state = self._at[cpu.index]
        if not state.copied and not cpu.faults_disabled:
            self._may_fault(cpu, state)

    user_written = user_read

    def awaited(self, task: Task, kind: str, name: str) -> None:
        self._wants[task.index] = kind
        state = self._at[task.index]
        if state.holds:
            self._waits(task, state, Hold(kind, ANY if kind == "ipi" else name))

    def task_blocked(self, task: Task, resource: Resource) -> None:
        if not isinstance(resource, Lock):
            return
        self._wants[task.index] = resource.kind
        state = self._at[task.index]
        if state.holds:
            for holder in resource.holders:
                if isinstance(holder, Event):
                    self._waits(task, state, Hold("io", resource.name))

    def operation_begun(self, cpu: Cpu, number: int, operation: Operation) -> None:
        index = cpu.index
        self._doing[index] = number
        kind = type(operation)
        state = self._begun.get(kind)
        if state is None:
            state = self._begun[kind] = self._state(kind, ())
        before = self._at[index]
        self._at[index] = self._state(kind, before.holds) if before.holds else state

    # -- the rare part --------------------------------------------------------------------------

    def _waits(self, task: Task, state: _State, wanted: Hold) -> None:
        if wanted[:2] not in state.awaited:
            state.awaited.add(wanted[:2])
            self._depends(task, state, wanted, "waits", self._place())

    def _may_fault(self, cpu: Cpu, state: _State) -> None:
        state.copied = True
        if cpu.task is None:
            return
        space = self.world.kernel.space_of(cpu)
        place = self._place()
        fault = (Hold("mmap", space.name, True), Hold("invalidate", ANY, True), Hold("page", ANY))
        had = space.mmap_lock in cpu.task.early  # then a fault goes on without taking it
        for n, wanted in enumerate(fault[had:]):
            witness = self._witness(cpu.task, state, place)
            holds = (*state.holds, *fault[had : had + n])
            self._add(Dependency(holds, wanted, "may fault", witness, faulting=n))

    def _state(self, doing: type[Operation] | None, holds: tuple[Hold, ...]) -> _State:
        state = self._states.get((doing, holds))
        if state is None:
            state = self._states[doing, holds] = _State(doing, holds)
        return state

    def _hold(self, task: Task | None, hold: Hold) -> None:
        if task is not None:
            state = self._at[task.index]
            self._places[hold.kind, hold.name] = place = self._place()
            self._took(task, state, hold, place)
            self._at[task.index] = self._state(state.doing, (*state.holds, hold))

    def _drop(self, task: Task | None, kind: str, name: str) -> None:
        if task is None:
            return
        state = self._at[task.index]
        holds = list(state.holds)
        for at in reversed(range(len(holds))):
            if holds[at][:2] == (kind, name):
                del holds[at]
                break
        rest = state.without[kind, name] = self._state(state.doing, tuple(holds))
        self._at[task.index] = rest

    def _depends(self, task: Task, state: _State, wanted: Hold, how: How, place: str) -> None:
        self._add(Dependency(state.holds, wanted, how, self._witness(task, state, place)))

    def _add(self, dependency: Dependency) -> None:
        self.graph.add(dependency)

    def _took(self, task: Task, state: _State, taken: Hold, place: str) -> None:
        self.graph.took(taken, self._witness(task, state, place))

    def _witness(self, task: Task, state: _State, place: str) -> Witness:
        scheduler = self.world.scheduler
        places: tuple[str, ...] = ()
        if scheduler.traced:
            taken = self._places | {
                (lock.kind, lock.name): lock.taken_at(task)
                for lock in scheduler.locks
                if task in lock.holders
            }
            places = (*[taken.get((h.kind, h.name), "") for h in state.holds], place)
        number = self._doing[task.index]
        scenario = self.world.plan.scenario
        return Witness(scenario, scheduler.policy, task.index, number, places)

    def _place(self) -> str:
        """``file:line`` of the kernel code that is running, in traced runs."""
        frame: FrameType | None = sys._getframe(1) if self.world.scheduler.traced else None
        below = ("fuzzcopy.oracles.", "fuzzcopy.sched.", "fuzzcopy.machine.")
        while frame is not None and frame.f_globals.get("__name__", "").startswith(below):
            frame = frame.f_back
        return f"{frame.f_code.co_filename}:{frame.f_lineno}" if frame else ""


class LockOrderOracle(LockOrderTracker):
    """Ends a run with the first contradiction that it shows.

    Not among those that judge by default: a prediction is no proof. A campaign tracks orders
    across its runs, and a directed search confirms what it can.
    """

    def _add(self, dependency: Dependency) -> None:
        super()._add(dependency)
        self._judge()

    def _took(self, task: Task, state: _State, taken: Hold, place: str) -> None:
        super()._took(task, state, taken, place)
        self._judge()

    def _judge(self) -> None:
        if self.graph.inversions:
            self.fail(LockOrderInversion(self.graph.inversions[0]))
