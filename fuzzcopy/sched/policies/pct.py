"""PCT: priorities at random, and d-1 points where the running task loses its own.

Burckhardt, Kothari, Musuvathi, Nagarakatte: "A randomized scheduler with probabilistic
guarantees of finding bugs", ASPLOS 2010. With n tasks and k steps a bug of depth d is hit with
probability at least 1/(n*k^(d-1)) per run. Depth d means d-1 change points, as in the paper.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TYPE_CHECKING

from fuzzcopy.sched.policies.policy import Policy
from fuzzcopy.sched.task import Choice, Event, Task

if TYPE_CHECKING:
    from fuzzcopy.sched.scheduler import Scheduler

LAST = -1e9

WHIM = 0.3
"""What the first priority of a spontaneous event is multiplied with. It would otherwise fire
whenever it happened to come out on top."""

PLAIN = 7 / 8
"""The chance that a number asked for is 0, nothing special."""


class Pct(Policy):
    """Always runs the enabled choice of highest priority.

    ``steps`` is k: the number of contested points expected (:meth:`Scheduler.contested` of the
    longest run of the program so far is a good value). Events have priorities like tasks.

    To spread several runs more evenly than chance would, ``first`` (from 0 to 1) says where among
    the steps the first change point lies, and ``mirrored`` turns the order of priorities round.
    """

    def __init__(
        self,
        seed: int,
        *,
        depth: int,
        steps: int,
        first: float | None = None,
        mirrored: bool = False,
    ) -> None:
        self._seed = seed
        self._first = first
        self._mirrored = mirrored
        self.depth = depth
        self.steps = max(steps, 1)
        self._whims = False

    @property
    def weight(self) -> float:
        """What the last run's chance to make the right task or event the last is multiplied with.

        It is less than 1 if some priorities were drawn lower than others.
        """
        return WHIM if self._whims else 1.0

    def begin(self, scheduler: Scheduler) -> None:
        super().begin(scheduler)
        self._random = Random(self._seed).random
        self._whims = False
        self._priorities: dict[str, float] = {}
        # Points count from 1. Which change demotes lower is as random as where they are: with a
        # fixed order the bound would not hold for depth 3 and more.
        places = [self._random() for _ in range(self.depth - 1)]
        if places and self._first is not None:
            places[0] = self._first
        self._changes = sorted(
            (1 + int(place * self.steps), -1.0 - rank) for rank, place in enumerate(places)
        )

    def choose(self, enabled: Sequence[Choice], current: Task | None) -> int:
        changes = self._changes
        if changes:
            at = self.scheduler.contested()
            while changes and at >= changes[0][0]:
                # Whoever is about to go on, which need not be who had the turn until now.
                self._priorities[enabled[self._top(enabled)].name] = changes.pop(0)[1]
        pick = self._top(enabled)
        best = enabled[pick]
        if isinstance(best, Event):
            if best.lasting:
                # Else it could come out on top again and again, with no step in between.
                self._priorities[best.name] = LAST
            else:
                del self._priorities[best.name]
        return pick

    def _top(self, enabled: Sequence[Choice]) -> int:
        """Where the choice of highest priority is; who has none yet draws one, in this order."""
        known = self._priorities.get
        pick, highest = 0, LAST - 1
        for i, choice in enumerate(enabled):
            priority = known(choice.name)
            if priority is None:
                priority = self._draw(choice)
            if priority > highest:
                pick, highest = i, priority
        return pick

    def _draw(self, choice: Choice) -> float:
        whim = isinstance(choice, Event) and choice.spontaneous
        self._whims = self._whims or whim
        roll = 1 - self._random() if self._mirrored else self._random()
        priority = self._priorities[choice.name] = roll * (WHIM if whim else 1.0)
        return priority

    def quiet(self) -> int:
        if not self._changes:
            return 1 << 30
        left = self._changes[0][0] - self.scheduler.contested() - 1
        return left if left > 0 else 0

    def integer(self, label: str, bound: int) -> int:
        roll = self._random() * 8  # 1 in 8 is special, see PLAIN
        return 1 + int(roll * (bound - 1)) if roll < 1 else 0
