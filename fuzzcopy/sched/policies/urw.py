"""Uniform random walk: every interleaving about equally likely, not every choice.

Zhao et al.: "Selectively uniform concurrency testing", ASPLOS 2025. A random walk that gives every
task the same chance hardly ever lets a long task finish before a short one begins. Chances in
proportion to what each task has still to do make all interleavings of two tasks equally likely.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import TYPE_CHECKING

from fuzzcopy.sched.policies.policy import Policy
from fuzzcopy.sched.task import Choice, Event, Task

if TYPE_CHECKING:
    from fuzzcopy.sched.scheduler import Scheduler

_EVENT = 0.25
"""An event counts as so many points still to come. What happens late is what programs forget."""


class Urw(Policy):
    """Chooses a task with a chance in proportion to its points still to come.

    ``lengths`` says how many points each task passes, by name: those of an earlier run
    (:attr:`Scheduler.lengths`) are a good guess. A task that passes more counts as having one left.
    """

    def __init__(self, seed: int, lengths: Mapping[str, int]) -> None:
        self._seed = seed
        self._lengths = dict(lengths)  # as they are now: later runs must not change this one

    def begin(self, scheduler: Scheduler) -> None:
        super().begin(scheduler)
        self._random = Random(self._seed).random
        self._enabled: Sequence[Choice] = ()  # what the others' weights are of
        self._weights: list[float] = []
        self._others = 0.0  # all but the first
        self._leave = 0  # the step at which the first one gives way, if nothing changes before

    def choose(self, enabled: Sequence[Choice], current: Task | None) -> int:
        steps = self.scheduler.steps
        if enabled is not self._enabled:
            self._enabled = enabled
            self._weights = weights = self._weigh(enabled)
            self._others = sum(weights) - weights[0]
            self._leave = self._until(steps, weights[0])
        if steps < self._leave:
            return 0
        roll = self._random() * self._others
        for pick in range(1, len(enabled)):
            roll -= self._weights[pick]
            if roll < 0:
                return pick
        return len(enabled) - 1

    def _until(self, step: int, left: float) -> int:
        # As long as the same task may be relieved by the same others, it alone passes points. So
        # all its chances are known, and it can be left alone until one of them goes against it.
        roll, others = self._random, self._others
        while roll() * (left + others) < left:
            step += 1
            left = left - 1 if left > 1 else 1
        return step

    def quiet(self) -> int:
        return self._leave - self.scheduler.steps - 1

    def _weigh(self, enabled: Sequence[Choice]) -> list[float]:
        scheduler, lengths = self.scheduler, self._lengths
        weights: list[float] = []
        for choice in enabled:
            if isinstance(choice, Event):
                weights.append(_EVENT)
            else:
                passed = scheduler.passed(choice) if choice is scheduler.current else choice.passed
                left = lengths.get(choice.name, 1) - passed
                weights.append(left if left > 1 else 1)
        return weights

    def integer(self, label: str, bound: int) -> int:
        roll = self._random() * 8
        return 1 + int(roll * (bound - 1)) if roll < 1 else 0
