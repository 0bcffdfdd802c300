"""The fair schedule that tells a livelock from bad luck."""

from __future__ import annotations

from collections.abc import Sequence

from fuzzcopy.sched.policies.policy import Policy
from fuzzcopy.sched.task import Choice, Event, Task

_SLICE = 20


class Fair(Policy):
    """Delivers events at once and lets the tasks take turns of a few steps each."""

    def __init__(self) -> None:
        self._left = _SLICE
        self._last = -1

    def choose(self, enabled: Sequence[Choice], current: Task | None) -> int:
        for i, choice in enumerate(enabled):
            if isinstance(choice, Event) and not choice.lasting:
                return i
        self._left -= 1
        if current is not None and self._left > 0:
            return 0
        self._left = _SLICE
        after = self._last if current is None else current.index
        order = [
            (t.index <= after, t.index, i) for i, t in enumerate(enabled) if isinstance(t, Task)
        ]
        _, self._last, i = min(order)
        return i
