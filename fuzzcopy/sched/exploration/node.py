"""A decision on the current path of the exploration."""

from __future__ import annotations

from collections.abc import Sequence

from fuzzcopy.sched.exploration.footprint import Accesses, conflict
from fuzzcopy.sched.task import Choice, Event, Task


class Node:
    """One decision: who goes next, or (``bound`` is not 0) which number is drawn.

    ``pick`` is what the current path takes. ``todo`` are the choices that have to be tried, in
    order; ``done`` those tried, each with everything it touched. Choices ``asleep`` need not be
    tried here: what they lead to was seen from an earlier node, and nothing has touched what they
    touch since. ``spent`` counts the preemptions on the way here.
    """

    __slots__ = (
        "asleep",
        "bound",
        "current",
        "done",
        "enabled",
        "optional",
        "pick",
        "spent",
        "tasks",
        "todo",
        "touched",
    )

    def __init__(self, enabled: Sequence[Choice], current: Task | None, spent: int) -> None:
        self.bound = 0
        self.enabled = tuple([choice.name for choice in enabled])
        self.tasks = frozenset(choice.name for choice in enabled if isinstance(choice, Task))
        # What need never happen: no path is longer for it, so nobody would miss it.
        self.optional = tuple([choice.name for choice in enabled if _optional(choice)])
        self.current = current.name if current is not None else ""
        self.spent = spent
        self.todo: list[str] = []
        self.done: dict[str, Accesses] = {}
        self.asleep: dict[str, Accesses] = {}
        self.pick = ""
        self.touched: Accesses = {}

    @classmethod
    def number(cls, bound: int, spent: int) -> Node:
        """The choice of a number from 0 to ``bound - 1``: all are tried."""
        node = cls((), None, spent)
        node.bound = bound
        node.todo = [str(value) for value in range(bound)]
        node.pick = "0"
        return node

    def cost(self, name: str) -> int:
        """How many preemptions it takes to run ``name`` here."""
        return int(bool(self.current) and name != self.current and name in self.tasks)

    def add(self, name: str) -> None:
        """``name`` has to be tried; if it cannot run here, everything that can."""
        if name in self.enabled:
            if name not in self.todo:
                self.todo.append(name)
        else:
            self.add_all()

    def add_all(self) -> None:
        """Every choice has to be tried."""
        self.todo += [name for name in self.enabled if name not in self.todo]

    def tried(self) -> None:
        """The paths through ``pick`` are exhausted."""
        self.done[self.pick] = self.touched
        self.touched = {}

    def asleep_after(self, taken: Accesses) -> dict[str, Accesses]:
        """What sleeps on once ``pick`` has touched ``taken``."""
        asleep = {**self.asleep, **self.done}
        return {
            name: accesses
            for name, accesses in asleep.items()
            if name != self.pick and not conflict(accesses, taken)
        }


def _optional(choice: Choice) -> bool:
    return isinstance(choice, Event) and (choice.spontaneous or choice.lasting)
