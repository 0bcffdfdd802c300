"""Where in its program a task decides: what schedules are written and replayed by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fuzzcopy.sched.agenda import NOBODY
from fuzzcopy.sched.task import Task

if TYPE_CHECKING:
    from fuzzcopy.sched.policies.policy import Policy
    from fuzzcopy.sched.watch import Bus


class Whereabouts:
    """The place of the decision under way: whose it is, its label, and the how-manieth it is.

    Only a traced run has it (:attr:`Scheduler.traced`): to count the labels that tasks come by
    takes a tenth of a run.
    """

    __slots__ = ("_bus", "_setup", "label", "task")

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        # Stands for who builds the world: it may ask for integers, too.
        self.task = self._setup = Task(NOBODY, "setup", _nothing, daemon=True)
        self.label = ""

    def at(self, task: Task, label: str) -> None:
        """``task`` comes by ``label``, once more."""
        self.task = task
        self.label = label
        task.counts[label] = task.counts.get(label, 0) + 1

    def again(self) -> None:
        """Another decision at the same place."""
        self.at(self.task, self.label)

    def place(self) -> tuple[Task, str, int]:
        """The task, its label, and the how-manieth time it is there."""
        return self.task, self.label, self.task.counts.get(self.label, 0)

    def chosen(self, name: str) -> None:
        """``name`` was chosen here, and that is not the default."""
        for tell in self._bus.decided:
            tell(*self.place(), name, 0)

    def integer(self, task: Task | None, label: str, bound: int, policy: Policy) -> int:
        """Ask ``policy`` for a number; the place is ``task``'s, or the setup's, for so long."""
        around = self.task, self.label
        self.at(task or self._setup, label)
        value = policy.integer(label, bound)
        if value:
            for tell in self._bus.decided:
                tell(*self.place(), "", value)
        self.task, self.label = around
        return value


async def _nothing() -> None:
    return
