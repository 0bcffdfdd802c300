"""What a policy is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fuzzcopy.sched.task import Choice, Task

if TYPE_CHECKING:
    from fuzzcopy.sched.scheduler import Scheduler


class Policy:
    """Decides everything that is not determined by the programs. This one never deviates.

    ``labelled`` makes the scheduler count labels, so that :meth:`Scheduler.where` can be
    asked at each decision; it costs the fast path. ``steady`` says that what :meth:`quiet`
    promises holds even if the choices change, as long as there are any.
    """

    labelled = False
    steady = False
    scheduler: Scheduler

    def begin(self, scheduler: Scheduler) -> None:
        """A run begins, before any task exists. A policy can be used for many, one at a time."""
        self.scheduler = scheduler

    def choose(self, enabled: Sequence[Choice], current: Task | None) -> int:
        """The index in ``enabled`` of what happens next.

        A policy that is not ``labelled`` is asked only if there are two or more.

        0 is the default: ``current`` goes on; if it cannot (``None``), the lowest-numbered
        runnable task; if there is none, the oldest event.
        """
        return 0

    def quiet(self) -> int:
        """For how many further points the answer is certainly 0 if the choices stay as they are.

        0 is always right; more keeps those points on the scheduler's fast path.
        """
        return 0

    def integer(self, label: str, bound: int) -> int:
        """Something from ``0`` to ``bound - 1``; 0 is nothing special."""
        return 0
