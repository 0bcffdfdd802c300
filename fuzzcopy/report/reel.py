"""The books of a film: what was so at every step, and which code was running."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from types import CodeType

from fuzzcopy.kernel import Kernel, Page
from fuzzcopy.machine import Frame, Origins
from fuzzcopy.report import facts
from fuzzcopy.report.facts import Change, State, Value
from fuzzcopy.report.moment import Call, Count, Moment, Told, Touch, Translation
from fuzzcopy.report.words import WORDS
from fuzzcopy.runner import Trace
from fuzzcopy.runner.paths import Paths
from fuzzcopy.sched import Lock
from fuzzcopy.world import World, WorldWatcher

COUNTS = {
    "refs": "references",
    "mapcount": "page-table entries",
    "pins": "pins",
    "snapshots": "snapshots",
}
"""What is counted of a page, and in words."""


class Reel(Trace):
    """A :class:`Moment` beside every row; :class:`~fuzzcopy.report.film.Film` fills them in."""

    def __init__(self, kernel: type[Kernel]) -> None:
        super().__init__()
        self.paths = Paths(kernel)
        self.moments: list[Moment] = []
        self.initial: State = {}
        self.entered: dict[CodeType, tuple[int, str]] = {}
        self.touches: list[Touch] = []
        self.translations: list[Translation] = []
        self.counts: list[Count] = []
        self.pages: dict[str, int] = {}  # by frame, the number of the page that had it last
        self.origins = Origins()
        self._state: State = {}
        self._locks: dict[Lock, str] = {}
        self._numbers: dict[Page, int] = {}
        self._counted: dict[tuple[int, str], int] = {}
        self._world: World | None = None

    def kernel(self) -> type[Kernel]:
        """The kernel to run: the one given, watched."""
        return self.paths.watched(self._enter)

    def state(self, at: int) -> State:
        """All facts after row ``at``."""
        state = dict(self.initial)
        for moment in self.moments[: at + 1]:
            for key, _, new in moment.changes:
                if new is None:
                    state.pop(key, None)
                else:
                    state[key] = new
        return state

    # -- keeping the books --------------------------------------------------------------------

    def _row(self, who: str, what: str, write: bool = False) -> None:
        self._settle()
        super()._row(who, what, write)
        self.moments.append(Moment("start", ""))

    def _enter(self, code: CodeType) -> None:
        world = self._world
        if code not in self.entered and world is not None and world.scheduler.current is not None:
            self.entered[code] = len(self.moments), world.scheduler.current.name

    def _now(self) -> Moment:
        if not self.moments:
            self._row("", "start")
        return self.moments[-1]

    def _set(self, kind: str, name: str, new: Value | None) -> None:
        if self._world is None:
            return  # still being set up
        key = (kind, name)
        old = self._state.get(key)
        if new is None or new == "":
            new = None
            self._state.pop(key, None)
        else:
            self._state[key] = new
        if old != new:
            self._now().changes.append(Change(key, old, new))

    def _settle(self) -> None:
        """Note what is announced by no event."""
        world = self._world
        if world is None or not self.moments:
            return
        for file in world.kernel.files:
            self._set("file", file.name, f"{file.size.peek()} bytes")
        for cpu in world.machine.cpus:
            text = facts.cpu_fact(cpu.faults_disabled, cpu.interrupts_enabled)
            self._set("cpu", cpu.name, text)
        self._count(world, len(self.moments) - 1)

    def _count(self, world: World, at: int) -> None:
        # No fact: it changes at every other step, and matters only if it does not add up.
        for page in world.kernel.pages():
            number = self._numbers.setdefault(page, len(self._numbers))
            self.pages[page.frame.name] = number
            for what in COUNTS:
                value: int = getattr(page, what)
                if self._counted.get((number, what), 0) != value:
                    self._counted[number, what] = value
                    self.counts.append(Count(at, number, what, value))

    def _stack(self) -> tuple[Call, ...]:
        calls: list[Call] = []
        frame = sys._getframe(2)
        known = self.paths
        while frame is not None:
            if frame.f_code in known:
                calls.append((frame.f_code, frame.f_lineno))
            back = frame.f_back
            if back is None:
                break
            frame = back
        return tuple(reversed(calls))

    def _touch(self, who: str, verb: str, where: str, start: int, cells: Sequence[int]) -> None:
        owner = str(self._state.get(("frame", where), "nobody"))
        at = len(self.moments) - 1
        self.touches.append(Touch(at, who, verb, where, start, tuple(cells), owner))

    def _translate(self, verb: str, who: str, place: str, text: str) -> None:
        self.translations.append(Translation(len(self.moments) - 1, verb, who, place, text))

    def _frame(self, frame: Frame) -> None:
        """The frame's owner and bytes, as they are now."""
        if self._world is None or frame.free:
            return
        page = self._world.kernel.page_in(frame)
        if page is not None:
            self._set("frame", frame.name, page.name)
        self._set("bytes", frame.name, tuple(frame.cells))

    def _lock_name(self, lock: Lock) -> str:
        name = self._locks.get(lock)
        if name is None:
            # A page that is new at an old one's place has a lock of the same name.
            same = sum(known.description == lock.description for known in self._locks)
            name = self._locks[lock] = lock.description + "'" * same
        return name

    def _tell(self, event: str, *args: object) -> None:
        """Put an event that changes no fact into words, with the row of now."""
        text = WORDS[event](*args) if self._world is not None else ""
        if text:
            noted = getattr(Trace, event) is not getattr(WorldWatcher, event)
            self._now().told.append(Told(text, noted))
