"""How likely it is that the runs of a program missed a bug.

Only PCT gives a guarantee, so only its runs count. ``docs/explanation/claims.md`` derives the bound
and says what it leaves out.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from fuzzcopy.sched.policies.pct import PLAIN, Pct

if TYPE_CHECKING:
    from fuzzcopy.sched.policies.policy import Policy
    from fuzzcopy.sched.scheduler import Scheduler


class Missed:
    """Looks at all runs of one program, none of which found anything.

    ``entities`` is n, the most tasks and events of any run; ``points`` is k, the most contested
    points; ``numbers`` the most numbers that a run asked for.
    """

    def __init__(self) -> None:
        self.entities = 0
        self.points = 0
        self.numbers = 0
        self._runs: Counter[tuple[int, int, float]] = Counter()

    def add(self, scheduler: Scheduler, policy: Policy) -> None:
        """Count a run under ``policy`` that is over."""
        contested = scheduler.contested()
        if contested > self.points:
            self.points = contested
        if scheduler.entities > self.entities:
            self.entities = scheduler.entities
        if scheduler.asked > self.numbers:
            self.numbers = scheduler.asked
        if isinstance(policy, Pct) and not scheduler.fair:  # else another's from the limit on
            self._runs[policy.depth, policy.steps, policy.weight] += 1

    def chance(self, depth: int) -> float:
        """The greatest probability with which a bug of ``depth`` would have been missed.

        A run counts if its change points could lie anywhere: those made before a longer one had
        been met could not.
        """
        if not self.points and not self.numbers:
            return 0.0  # there is one schedule only
        missed = 1.0
        for (d, k, weight), runs in self._runs.items():
            if d >= depth and (d == 1 or k >= self.points):
                hit = weight * PLAIN**self.numbers / (self.entities * k ** (d - 1))
                missed *= (1 - hit) ** runs
        return missed
