"""What a transition touches: everything from one decision of the scheduler to the next.

Two transitions of different tasks that touch no common object, or only read it, lead to the same
state in either order. That is all that partial-order reduction knows of a program, so a footprint
may be too large, never too small.
"""

from __future__ import annotations

from collections.abc import Hashable

from fuzzcopy.sched.locks import Lock
from fuzzcopy.sched.task import Event, Task
from fuzzcopy.sched.waitgraph import Resource
from fuzzcopy.sched.watch import Watcher

Key = Hashable
"""An object's identity from one run to the next: its type and its name."""

Accesses = dict[Key, bool]
"""What was touched; true if it was written."""


def key_of(obj: object) -> Key:
    """The key of ``obj``. Things of different types are different things, whatever their names."""
    return type(obj).__name__, str(obj)


EVERYTHING = "*"
"""Written by what may touch anything, read by all else."""


class Footprint(Watcher):
    """Collects what the current transition touches into ``accesses``.

    The label of each step and the locks taken and released are known; what else a step touches
    it announces itself (:meth:`Scheduler.touch`). An event has no label, so it counts as touching
    everything.
    """

    def __init__(self) -> None:
        self.accesses: Accesses = {EVERYTHING: False}

    def begin(self) -> Accesses:
        """A transition begins; its accesses will be in what is returned."""
        self.accesses = {EVERYTHING: False}
        return self.accesses

    def touch(self, obj: object, write: bool) -> None:
        """``obj`` is touched."""
        key = key_of(obj)
        self.accesses[key] = write or self.accesses.get(key, False)

    touched = touch

    def step(self, task: Task, kind: str, obj: object, write: bool) -> None:
        if obj is not None:
            self.touch(obj, write)

    def event_fired(self, event: Event) -> None:
        self.accesses[EVERYTHING] = True

    def task_blocked(self, task: Task, resource: Resource) -> None:
        self.touch(resource, True)

    def lock_taken(self, task: Task, lock: Lock, shared: bool, tried: bool) -> None:
        self.touch(lock, True)

    def lock_released(self, task: Task, lock: Lock) -> None:
        self.touch(lock, True)


def conflict(one: Accesses, other: Accesses) -> bool:
    """Whether the order of two transitions can matter."""
    if len(other) < len(one):
        one, other = other, one
    return any(key in other and (write or other[key]) for key, write in one.items())
