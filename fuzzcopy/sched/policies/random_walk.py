"""Random walk: every choice equally likely at every point."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TYPE_CHECKING

from fuzzcopy.sched.policies.policy import Policy
from fuzzcopy.sched.task import Choice, Task

if TYPE_CHECKING:
    from fuzzcopy.sched.scheduler import Scheduler


class RandomWalk(Policy):
    """Goes on with probability ``1 / len(enabled)``; hazards strike one time in eight.

    Only ``Random.random`` is used: Python promises its sequence for ever.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def begin(self, scheduler: Scheduler) -> None:
        super().begin(scheduler)
        self._random = Random(self._seed).random

    def choose(self, enabled: Sequence[Choice], current: Task | None) -> int:
        return int(self._random() * len(enabled))

    def integer(self, label: str, bound: int) -> int:
        roll = self._random() * 8
        return 1 + int(roll * (bound - 1)) if roll < 1 else 0
