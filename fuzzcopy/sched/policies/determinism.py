"""Does the same schedule meet the same choices? A decorator round a policy that finds out."""

from __future__ import annotations

from collections.abc import Sequence

from fuzzcopy.sched.errors import Nondeterminism
from fuzzcopy.sched.policies.policy import Policy
from fuzzcopy.sched.scheduler import Scheduler
from fuzzcopy.sched.task import Choice, Task

_Seen = tuple[str, tuple[str, ...], int]


class Recorded(Policy):
    """Drives a first run under ``policy`` and remembers every decision it met."""

    labelled = True

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self.seen: list[_Seen] = []

    def begin(self, scheduler: Scheduler) -> None:
        super().begin(scheduler)
        self._policy.begin(scheduler)

    def choose(self, enabled: Sequence[Choice], current: Task | None) -> int:
        pick = self._policy.choose(enabled, current) if len(enabled) > 1 else 0
        self.seen.append((_place(self.scheduler), tuple(c.name for c in enabled), pick))
        return pick

    def integer(self, label: str, bound: int) -> int:
        value = self._policy.integer(label, bound)
        self.seen.append((label, (str(bound),), value))
        return value


class Compared(Policy):
    """Drives a second run by the decisions of the first and ends it where they differ.

    The run then fails with :class:`Nondeterminism`, which names the first difference: a program
    that draws on hash order, on time or on ``random`` cannot be replayed, so nothing found in
    it would mean anything.
    """

    labelled = True

    def __init__(self, first: Recorded) -> None:
        self._seen = first.seen
        self._at = 0

    def choose(self, enabled: Sequence[Choice], current: Task | None) -> int:
        return self._compare(_place(self.scheduler), tuple(c.name for c in enabled))

    def integer(self, label: str, bound: int) -> int:
        return self._compare(label, (str(bound),))

    def _compare(self, place: str, choices: tuple[str, ...]) -> int:
        if self._at == len(self._seen):
            self._differs("the first run had ended", f"{place} with {', '.join(choices)}")
        was_place, was_choices, pick = self._seen[self._at]
        if (was_place, was_choices) != (place, choices):
            self._differs(
                f"{was_place} with {', '.join(was_choices)}", f"{place} with {', '.join(choices)}"
            )
        self._at += 1
        return pick

    def verify(self, first: BaseException | None, second: BaseException | None) -> None:
        """Compare how the two runs ended. Raises :class:`Nondeterminism` if they differ."""
        if isinstance(second, Nondeterminism):
            raise second
        if self._at < len(self._seen):
            place, choices, _ = self._seen[self._at]
            raise self._difference(f"{place} with {', '.join(choices)}", "the second run had ended")
        if (type(first), str(first)) != (type(second), str(second)):
            raise self._difference(f"it ended in {first!r}", f"in {second!r}")

    def _differs(self, first: str, second: str) -> None:
        self.scheduler.fail(self._difference(first, second))

    def _difference(self, first: str, second: str) -> Nondeterminism:
        return Nondeterminism(
            f"decision {self._at} differs between two runs of one schedule: first {first}; "
            f"then {second}. Look for sets, hash(), id(), time or random in the program"
        )


def _place(scheduler: Scheduler) -> str:
    task, label, nth = scheduler.where()
    return f"{task.name} at {label} ({nth})"
