"""Counting how often the baton passes."""

from __future__ import annotations

from fuzzcopy.sched import Task, Watcher


class Switches(Watcher):
    """Counts consecutive steps of different tasks, over any number of runs."""

    def __init__(self) -> None:
        self.count = 0
        self._last: Task | None = None

    def begin(self) -> None:
        """A run begins."""
        self._last = None

    def step(self, task: Task, kind: str, obj: object, write: bool) -> None:
        if task is not self._last and self._last is not None:
            self.count += 1
        self._last = task
