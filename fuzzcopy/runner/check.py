"""A check of what exploration and the search rely on: no step touches more than it says.

Between two preemption points nothing else runs, so what a step reads or writes beside the object in
its label races with nobody, however wrong that is on a machine; and exploration takes the label for
all that the step touches. Here every flag and count of a page is guarded, and the value of every
cell: an access by a kernel's code must be to the object of the step under way, or be announced by
:meth:`~fuzzcopy.sched.Scheduler.touch` in that step, and a write as a write.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any, TypeVar

from fuzzcopy.kernel import Kernel, Page
from fuzzcopy.oracles import ALL
from fuzzcopy.runner.runner import Tally, execute, policies_for
from fuzzcopy.scenario import Scenario
from fuzzcopy.sched import (
    Cell,
    Driver,
    Event,
    Problem,
    Scheduler,
    StepLimit,
    Task,
    Watcher,
    drive,
)
from fuzzcopy.sched.exploration.footprint import Key, key_of
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
"""What of a page only steps at the page may read and write; the rest changes under its lock.

The references are counted at the page's name, which is its place in a file if it has one.
"""

_HERE = Path(__file__).parents[1]
_JUDGES = tuple(str(_HERE / part) for part in ("oracles", "report", "runner", "world", "sched"))
"""Who looks on from outside, and the accessors of cells themselves."""


@dataclass(frozen=True, order=True)
class Unsaid:
    """Code at ``place`` (``file:line``) reads or writes ``what`` in a step that says ``step``."""

    place: str
    does: str
    what: str
    step: str

    def __str__(self) -> str:
        return (
            f"{self.place}: {self.does} {self.what} in the step {self.step}, which does not say so"
        )


class _Guard(Watcher):
    """Knows the step under way and what it has said."""

    def __init__(self) -> None:
        self.unsaid: set[Unsaid] = set()
        self._who: Task | None = None
        self._said: dict[Key, bool] = {}

    def step(self, task: Task, kind: str, obj: object, write: bool) -> None:
        self._who = task
        self._said = {key_of(obj): write}

    def touched(self, obj: object, write: bool) -> None:
        key = key_of(obj)
        self._said[key] = write or self._said.get(key, False)

    def event_fired(self, event: Event) -> None:
        self._who = None  # it has no label

    def accessed(self, scheduler: Scheduler, obj: object, what: str, write: bool) -> None:
        """``what`` of ``obj`` was read or written."""
        task = self._who
        # Who goes on after a wait does so in the middle of a step that was said long ago.
        if task is None or task is not scheduler.current:
            return
        said = self._said.get(key_of(obj))
        if said if write else said is not None:
            return
        frame = _code(sys._getframe(2))
        if frame is not None:
            place = f"{_short(frame.f_code.co_filename)}:{frame.f_lineno}"
            self.unsaid.add(Unsaid(place, "writes" if write else "reads", what, task.kind))


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
    what = f"{name} of a page"
    at: Callable[[Page], object] = (
        (lambda page: page.name) if name == "refs" else (lambda page: page)
    )

    def get(page: Page) -> Any:
        guard.accessed(page.scheduler, at(page), what, False)
        return slot.__get__(page)

    def put(page: Page, value: object) -> None:
        guard.accessed(page.scheduler, at(page), what, True)
        slot.__set__(page, value)

    return property(get, put)


def _peek(peek: Any, guard: _Guard) -> Any:
    def checked(cell: Cell[T]) -> Any:
        guard.accessed(cell.scheduler, cell, "a cell", False)
        return peek(cell)

    return checked


def check_accesses(
    kernel: type[Kernel], scenarios: Sequence[Scenario], *, schedules: int = 12
) -> list[Unsaid]:
    """What steps of ``kernel`` touch without saying so, in some runs of ``scenarios``.

    Raises a :class:`~fuzzcopy.sched.Problem` that is met: such a kernel was not looked at.
    """
    guard = _Guard()

    async def each(driver: Driver) -> None:
        for number, scenario in enumerate(scenarios):
            plan, tally = Plan(scenario), Tally()
            for policy in policies_for(number, schedules, tally):
                done = await execute(driver, kernel, plan, policy, oracles=ALL, watchers=[guard])
                tally.add(done, policy)
                if isinstance(done.failure, Problem) and not isinstance(done.failure, StepLimit):
                    raise done.failure

    with _guarded(guard):
        drive(each)
    return sorted(guard.unsaid)
