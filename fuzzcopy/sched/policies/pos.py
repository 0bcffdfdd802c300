"""POS: a random priority for every pending step, drawn again when a step that it races with ran.

Yuan, Yang, Gu: "Partial order aware concurrency sampling", CAV 2018. Strong where many accesses
are independent and few race; weak on long chains, as every step has to win its draw.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TYPE_CHECKING

from fuzzcopy.sched.policies.policy import Policy
from fuzzcopy.sched.task import Choice, Event, Task

if TYPE_CHECKING:
    from fuzzcopy.sched.scheduler import Scheduler


_SPONTANEOUS = 1 / 16
"""The chance of each spontaneous event at each decision."""


class Pos(Policy):
    """Runs the pending step of highest priority."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def begin(self, scheduler: Scheduler) -> None:
        super().begin(scheduler)
        self._random = Random(self._seed).random
        self._priorities: dict[str, float] = {}

    def _priority(self, choice: Choice) -> float:
        if isinstance(choice, Event) and choice.spontaneous:
            # With a priority to keep it would fire at once, or never.
            return 1.0 if self._random() < _SPONTANEOUS else -1.0
        priority = self._priorities[choice.name] = self._random()
        return priority

    def choose(self, enabled: Sequence[Choice], current: Task | None) -> int:
        known = self._priorities.get
        priorities = [known(choice.name) or self._priority(choice) for choice in enabled]
        pick = priorities.index(max(priorities))
        best = enabled[pick]
        self._priorities.pop(best.name, None)
        if isinstance(best, Task):  # what an event will touch is not known before it does
            obj, write = best.obj, best.write
            for other in enabled:
                if isinstance(other, Task) and other.obj == obj and (write or other.write):
                    self._priorities.pop(other.name, None)
        return pick

    def integer(self, label: str, bound: int) -> int:
        roll = self._random() * 8
        return 1 + int(roll * (bound - 1)) if roll < 1 else 0
