"""Which accesses of different CPUs came one after the other: what tells a new run from an old one.

A meeting is a pair of accesses to one object, by two tasks, the second the next one after the
first, and at least one of them a write. Of each access it notes the kind of operation that it was
part of, and what it did. Which object it was does not matter, so that there are finitely many.
"""

from __future__ import annotations

from collections import Counter

from fuzzcopy.machine import Cpu
from fuzzcopy.oracles import Oracle
from fuzzcopy.scenario import Operation, kind_of
from fuzzcopy.sched import Task
from fuzzcopy.world import World

Access = tuple[str, str]
"""The kind of the operation (of an actor: its name), and what it did."""

Meeting = tuple[Access, Access]

RARE = 1
"""A meeting counts as new in the first so many programs that show it."""


class Meetings(Oracle):
    """Watches some runs of a program; it objects to nothing."""

    def __init__(self) -> None:
        self.seen: dict[Meeting, None] = {}

    def begin(self, world: World) -> None:
        super().begin(world)
        self._doing: dict[str, str] = {}
        self._last: dict[object, tuple[Task, Access, bool]] = {}

    def operation_begun(self, cpu: Cpu, number: int, operation: Operation) -> None:
        self._doing[f"cpu{cpu.index}"] = kind_of(operation)

    def step(self, task: Task, kind: str, obj: object, write: bool) -> None:
        access = self._doing.get(task.name, task.name), kind
        last = self._last.get(obj)
        if last is not None and last[0] is not task and (write or last[2]):
            self.seen[last[1], access] = None
        self._last[obj] = task, access, write


class Novelty:
    """Which meetings the programs of a campaign have shown, and in how many of them."""

    def __init__(self) -> None:
        self._programs: Counter[Meeting] = Counter()

    def note(self, meetings: Meetings) -> int:
        """Enter what a program showed; returns how much of it was new."""
        fresh = sum(self._programs[meeting] < RARE for meeting in meetings.seen)
        self._programs.update(meetings.seen.keys())
        return fresh
