"""A schedule that is steered to where it can hang: everybody holds, nobody has wanted yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fuzzcopy.oracles import LockOrderTracker
from fuzzcopy.sched import Choice, Event, Policy, Scheduler, Task


@dataclass(frozen=True, slots=True)
class Stop:
    """CPU ``cpu`` runs until it holds a lock of class ``kind`` for the ``nth`` time.

    With an empty ``kind`` it runs until it must wait, or to its end.
    """

    cpu: int
    kind: str = ""
    nth: int = 1


class Windows(Policy):
    """Runs the CPUs one after the other, each up to its stop; then everything as by default.

    The policy asks ``tracker``, which must watch the same run, what a CPU holds. A CPU that has to
    wait before it comes to its stop is passed over, and counted in ``passed_over``.
    """

    def __init__(self, tracker: LockOrderTracker, stops: Sequence[Stop]) -> None:
        self._tracker = tracker
        self._all = stops
        self._stops: list[Stop] = []
        self.passed_over = 0
        self._times = 0
        self._holding = False

    def begin(self, scheduler: Scheduler) -> None:
        super().begin(scheduler)
        self._stops = [*self._all]
        self.passed_over = 0
        self._watch()

    def choose(self, enabled: Sequence[Choice], current: Task | None) -> int:
        while self._stops:
            stop = self._stops[0]
            if not self._reached(stop):
                at = _place(enabled, stop.cpu)
                if at is not None:
                    return at
                self.passed_over += bool(stop.kind)
            self._stops.pop(0)
            self._watch()
        return 0

    def _watch(self) -> None:
        self._times = 0
        self._holding = False

    def _reached(self, stop: Stop) -> bool:
        if not stop.kind:
            return False
        task = self.scheduler.tasks[stop.cpu]
        holding = any(hold.kind == stop.kind for hold in self._tracker.held(task))
        self._times += holding and not self._holding
        self._holding = holding
        return holding and self._times >= stop.nth


def _place(enabled: Sequence[Choice], cpu: int) -> int | None:
    """Where in ``enabled`` the CPU is; if it waits, an event that may help it."""
    for i, choice in enumerate(enabled):
        if isinstance(choice, Task) and choice.index == cpu:
            return i
    for i, choice in enumerate(enabled):
        if isinstance(choice, Event) and not choice.spontaneous:
            return i
    return None
