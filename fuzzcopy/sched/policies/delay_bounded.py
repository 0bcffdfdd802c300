"""Delay-bounded: the default schedule, except that a few times somebody's turn is passed over.

Emmi, Qadeer, Rakamaric: "Delay-bounded scheduling", POPL 2011. With few delays there are few
schedules, and many bugs need no more: in comparisons on known bugs, bounding delays beat bounding
preemptions, and that beat plain depth-first search.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TYPE_CHECKING

from fuzzcopy.sched.policies.policy import Policy
from fuzzcopy.sched.task import Choice, Task

if TYPE_CHECKING:
    from fuzzcopy.sched.scheduler import Scheduler


class DelayBounded(Policy):
    """Up to ``delays`` delays among ``steps`` contested points, at random.

    Each passes over the choice whose turn it is in favour of the next. Delays may fall together:
    then the third or fourth in turn comes first. One in two joins the one before, so that events,
    which are last, get their turn.
    """

    steady = True

    def __init__(self, seed: int, *, delays: int, steps: int) -> None:
        self._seed = seed
        self._delays = delays
        self._steps = max(steps, 1)

    def begin(self, scheduler: Scheduler) -> None:
        super().begin(scheduler)
        self._random = roll = Random(self._seed).random
        points: list[int] = []
        for _ in range(1 + int(roll() * self._delays) if self._delays else 0):
            joins = points and roll() < 0.5
            # Point 0 is who begins.
            points.append(points[-1] if joins else int(roll() * (self._steps + 1)))
        self._points = sorted(points, reverse=True)

    def choose(self, enabled: Sequence[Choice], current: Task | None) -> int:
        at = self.scheduler.contested()
        passed_over = 0
        while self._points and at >= self._points[-1]:
            self._points.pop()
            passed_over += 1
        return passed_over % len(enabled)

    def quiet(self) -> int:
        if not self._points:
            return 1 << 30
        return max(self._points[-1] - self.scheduler.contested() - 1, 0)

    def integer(self, label: str, bound: int) -> int:
        roll = self._random() * 8
        return 1 + int(roll * (bound - 1)) if roll < 1 else 0
