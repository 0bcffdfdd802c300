"""A schedule by step number: the few places where it is not the default."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from fuzzcopy.sched.policies.policy import Policy
from fuzzcopy.sched.task import Choice, Task

if TYPE_CHECKING:
    from fuzzcopy.sched.scheduler import Scheduler


class Sparse(Policy):
    """``switches`` maps a contested point's number to the choice made there.

    ``integers`` maps the n-th integer asked for to its value. Choices and values are taken
    modulo what is possible, so that any map is a schedule; an absent one is the default.
    """

    steady = True

    def __init__(
        self, switches: Mapping[int, int], integers: Mapping[int, int] | None = None
    ) -> None:
        self._all = sorted(switches.items(), reverse=True)
        self._integers = dict(integers or {})

    def begin(self, scheduler: Scheduler) -> None:
        super().begin(scheduler)
        self._switches = self._all[:]
        self._asked = 0

    def choose(self, enabled: Sequence[Choice], current: Task | None) -> int:
        if self._switches and self.scheduler.contested() >= self._switches[-1][0]:
            return self._switches.pop()[1] % len(enabled)
        return 0

    def quiet(self) -> int:
        if not self._switches:
            return 1 << 30
        return max(self._switches[-1][0] - self.scheduler.contested() - 1, 0)

    def integer(self, label: str, bound: int) -> int:
        self._asked += 1
        return self._integers.get(self._asked - 1, 0) % bound
