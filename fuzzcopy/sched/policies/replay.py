"""A schedule by labels: recorded from any run, followed exactly, survives changes of the code.

A :class:`Deviation` says where the policy did not take the default: when ``task`` was at its
``nth`` ``label``, ``run`` (a task or an event) came next, or the integer asked for was
``value``. ``step`` is where that was when it was recorded, as a hint for the reader.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fuzzcopy.sched.policies.policy import Policy
from fuzzcopy.sched.task import Choice, Task
from fuzzcopy.sched.watch import Watcher

if TYPE_CHECKING:
    from fuzzcopy.sched.scheduler import Scheduler


@dataclass(frozen=True, slots=True)
class Deviation:
    """One place where a schedule is not the default."""

    task: str
    label: str
    nth: int
    run: str = ""
    value: int = 0
    step: int = 0


class Recorder(Watcher):
    """Records the deviations of a run, whatever policy drives it."""

    def __init__(self) -> None:
        self.deviations: list[Deviation] = []
        self._steps = 0

    def step(self, task: Task, kind: str, obj: object, write: bool) -> None:
        self._steps += 1

    def decided(self, task: Task, label: str, nth: int, choice: str, value: int) -> None:
        self.deviations.append(Deviation(task.name, label, nth, choice, value, self._steps))


class Replay(Policy):
    """Follows deviations in their order; everything else is the default.

    ``followed`` counts those that were reached. Fewer than all means that the run diverged:
    the code no longer comes by there. With ``skip_missing`` a deviation whose choice is not
    possible when its place is reached is passed over, which is what a reducer wants.
    """

    labelled = True

    def __init__(self, deviations: Sequence[Deviation], *, skip_missing: bool = False) -> None:
        self._deviations = deviations
        self._skip_missing = skip_missing
        self.followed = 0

    def begin(self, scheduler: Scheduler) -> None:
        super().begin(scheduler)
        self.followed = 0

    @property
    def missed(self) -> Deviation | None:
        """The first deviation that was never reached."""
        return self._deviations[self.followed] if self.followed < len(self._deviations) else None

    def _next(self) -> Deviation | None:
        wanted = self.missed
        if wanted is None:
            return None
        task, label, nth = self.scheduler.where()
        if (wanted.task, wanted.label, wanted.nth) != (task.name, label, nth):
            return None
        return wanted

    def choose(self, enabled: Sequence[Choice], current: Task | None) -> int:
        while (wanted := self._next()) is not None:
            for i, choice in enumerate(enabled):
                if choice.name == wanted.run:
                    self.followed += 1
                    return i
            if not self._skip_missing:
                return 0
            self.followed += 1
        return 0

    def integer(self, label: str, bound: int) -> int:
        wanted = self._next()
        if wanted is None:
            return 0
        self.followed += 1
        return wanted.value % bound
