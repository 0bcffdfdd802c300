"""A schedule as the exploration knows it: every decision by name, in order."""

from __future__ import annotations

from collections.abc import Sequence

from fuzzcopy.sched.policies.policy import Policy
from fuzzcopy.sched.task import Choice, Task


class Script(Policy):
    """Follows ``picks``: names of choices, and drawn numbers as text; then the default."""

    labelled = True  # asked also where there is one choice only

    def __init__(self, picks: Sequence[str]) -> None:
        self._picks = tuple(picks)
        self._at = 0

    def begin(self, scheduler: object) -> None:
        self._at = 0

    def _next(self) -> str:
        self._at += 1
        return self._picks[self._at - 1] if self._at <= len(self._picks) else ""

    def choose(self, enabled: Sequence[Choice], current: Task | None) -> int:
        name = self._next()
        return next((i for i, choice in enumerate(enabled) if choice.name == name), 0)

    def integer(self, label: str, bound: int) -> int:
        return int(self._next() or 0) % bound
