"""Turns: every task passes one point, then the next one. The opposite of the default schedule."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fuzzcopy.sched.policies.policy import Policy
from fuzzcopy.sched.task import Choice, Event, Task

if TYPE_CHECKING:
    from fuzzcopy.sched.scheduler import Scheduler


class Turns(Policy):
    """Lets the tasks take turns of one point each, and one event happen at the end of each round.

    There is only one such schedule, but it brings out what any symmetric interleaving does: tasks
    that read before any of them writes, or that each take their first lock.
    """

    def begin(self, scheduler: Scheduler) -> None:
        super().begin(scheduler)
        self._last = -1
        self._delivered = False

    def choose(self, enabled: Sequence[Choice], current: Task | None) -> int:
        if current is not None:
            self._last = current.index
        for i, task in enumerate(enabled):
            # Those behind the current one are in the order of their numbers.
            if isinstance(task, Task) and task.index > self._last:
                self._last = task.index
                return i
        tasks = [(task.index, i) for i, task in enumerate(enabled) if isinstance(task, Task)]
        if not self._delivered or not tasks:
            self._delivered = True
            for i, choice in enumerate(enabled):
                if isinstance(choice, Event) and not choice.lasting and not choice.spontaneous:
                    return i
        if not tasks:
            return 0
        self._delivered = False
        self._last, pick = min(tasks)
        return pick
