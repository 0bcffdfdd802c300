"""A check of what exploration and the search rely on: no step touches more than it says.

Between two preemption points nothing else runs, so what a step reads or writes beside the object in
its label races with nobody, however wrong that is on a machine; and exploration takes the label for
all that the step touches. Here every flag and count of a page is guarded, and the value of every
cell: an access by a kernel's code must be to the object of the step under way, or be announced by
:meth:`~fuzzcopy.sched.Scheduler.touch` in that step.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any, TypeVar

from fuzzcopy.kernel import Kernel, Page
from fuzzcopy.oracles import ALL
from fuzzcopy.runner.runner import Tally, execute, policies_for
from fuzzcopy.scenario import Scenario
from fuzzcopy.sched import Cell, Driver, Event, Scheduler, Task, Watcher, drive
from fuzzcopy.world import Plan

GUARDED = (
    "dirty",
    "forked",
    "mapcount",
    "pins",
    "refs",
    "snapshots",
    "uptodate",
    "writeback",
)
"""What of a page only steps at the page may read and write; the rest changes under its lock."""

_HERE = Path(__file__).parents[1]
_JUDGES = tuple(str(_HERE / part) for part in ("oracles", "report", "runner", "world", "sched"))
"""Who looks on from outside, and the accessors of cells themselves."""


@dataclass(frozen=True, order=True)
class Unsaid:
    """Code at ``place`` (``file:line``) touched ``what`` in a step that says ``step``."""

    place: str
    what: str
    step: str

    def __str__(self) -> str:
        return f"{self.place}: touches {self.what} in the step {self.step}, which does not say so"


class _Guard(Watcher):
    """Knows the step under way and what it has said."""

    def __init__(self) -> None:
        self.unsaid: set[Unsaid] = set()
        self._who: Task | None = None
        self._said: set[str] = set()

    def step(self, task: Task, kind: str, obj: object, write: bool) -> None:
        self._who = task
        self._said = {str(obj)}

    def touched(self, obj: object, write: bool) -> None:
        self._said.add(str(obj))

    def event_fired(self, event: Event) -> None:
        self._who = None  # it has no label

    def accessed(self, scheduler: Scheduler, name: str, what: str) -> None:
        """``what`` of the object called ``name`` was read or written."""
        task = self._who
        # Who goes on after a wait does so in the middle of a step that was said long ago.
        if task is None or task is not scheduler.current or name in self._said:
            return
        frame = _code(sys._getframe(2))
        if frame is not None:
            place = f"{_short(frame.f_code.co_filename)}:{frame.f_lineno}"
            self.unsaid.add(Unsaid(place, what, task.kind))


def _code(frame: FrameType | None) -> FrameType | None:
    """The frame that accesses, if it is a kernel's. A page being made is nobody else's yet."""
    if frame is None or frame.f_code is Page.__init__.__code__:
        return None
    return None if frame.f_code.co_filename.startswith(_JUDGES) else frame


def _short(path: str) -> str:
    parent = str(_HERE.parent)
    return path.removeprefix(parent).lstrip("/") if path.startswith(parent) else path


@contextmanager
def _guarded(guard: _Guard) -> Iterator[None]:
    """Inside, accesses are told to ``guard``."""
    slots = {name: getattr(Page, name) for name in GUARDED}
    peek = Cell.peek
    try:
        for name, slot in slots.items():
            setattr(Page, name, _property(name, slot, guard))
        setattr(Cell, "peek", _peek(peek, guard))  # noqa: B010 - mypy takes no assignment
        yield
    finally:
        for name, slot in slots.items():
            setattr(Page, name, slot)
        setattr(Cell, "peek", peek)  # noqa: B010


T = TypeVar("T")


def _property(name: str, slot: Any, guard: _Guard) -> property:
    def get(page: Page) -> Any:
        guard.accessed(page.scheduler, page.name, f"{name} of a page")
        return slot.__get__(page)

    def put(page: Page, value: object) -> None:
        guard.accessed(page.scheduler, page.name, f"{name} of a page")
        slot.__set__(page, value)

    return property(get, put)


def _peek(peek: Any, guard: _Guard) -> Any:
    def checked(cell: Cell[T]) -> Any:
        guard.accessed(cell.scheduler, cell.name, "a cell")
        return peek(cell)

    return checked


def check_accesses(
    kernel: type[Kernel], scenarios: Sequence[Scenario], *, schedules: int = 12
) -> list[Unsaid]:
    """What steps of ``kernel`` touch without saying so, in some runs of ``scenarios``."""
    guard = _Guard()

    async def each(driver: Driver) -> None:
        for number, scenario in enumerate(scenarios):
            plan, tally = Plan(scenario), Tally()
            for policy in policies_for(number, schedules, tally):
                done = await execute(driver, kernel, plan, policy, oracles=ALL, watchers=[guard])
                tally.add(done, policy)

    with _guarded(guard):
        drive(each)
    return sorted(guard.unsaid)
