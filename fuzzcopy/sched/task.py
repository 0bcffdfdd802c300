"""The two things a policy can choose: a task that may run, an event that may happen."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from enum import IntEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import trio

    from fuzzcopy.sched.locks import Lock
    from fuzzcopy.sched.waitgraph import Resource


class State(IntEnum):
    """Where a task is in its life."""

    NEW = 0
    READY = 1
    BLOCKED = 2
    DONE = 3


class Task:
    """One program under the scheduler.

    ``kind``, ``obj`` and ``write`` are what it is about to do once it is chosen: the label of
    its preemption point and the footprint for partial-order reduction. ``passed`` counts the points
    that it has passed, as of when it last gave way. ``parked``: it has begun, and waits for the
    baton.

    ``early`` are locks that it has taken before their place (see :class:`Lock`): where it
    would take one of them it goes on instead, and letting go there does nothing.
    """

    __slots__ = (
        "counts",
        "daemon",
        "early",
        "index",
        "kind",
        "name",
        "obj",
        "parked",
        "passed",
        "program",
        "result",
        "state",
        "trio_task",
        "waiting",
        "write",
    )

    def __init__(
        self,
        index: int,
        name: str,
        program: Callable[[], Coroutine[Any, Any, object]],
        daemon: bool,
    ) -> None:
        self.index = index
        self.name = name
        self.program = program
        self.daemon = daemon
        self.parked = False
        self.passed = 0
        self.state = State.NEW
        self.kind = "start"
        self.obj: object = name
        self.write = False
        self.waiting: Resource | None = None
        self.trio_task: trio.lowlevel.Task | None = None
        self.counts: dict[str, int] = {}
        self.result: object = None
        self.early: tuple[Lock, ...] = ()

    def __repr__(self) -> str:
        return self.name

    @property
    def label(self) -> str:
        """What is about to happen and to which object: ``page.lock f0:2``."""
        return f"{self.kind} {self.obj}" if self.obj is not None else self.kind


class Event:
    """Something the hardware may do at any time once it is posted.

    ``name`` is what a schedule calls it, and must be the same in every run. When it is posted, a
    number makes it unique among the pending ones if need be. A *spontaneous* event (a TLB eviction,
    say) need never happen and never counts as help for a blocked task. A *lasting* one stays
    pending after it fired, until it is withdrawn.
    """

    __slots__ = ("enabled", "fire", "lasting", "name", "spontaneous")

    def __init__(
        self,
        name: str,
        fire: Callable[[], None],
        *,
        spontaneous: bool = False,
        lasting: bool = False,
    ) -> None:
        self.name = name
        self.fire = fire
        self.spontaneous = spontaneous
        self.lasting = lasting
        self.enabled = True

    def __repr__(self) -> str:
        return self.name


Choice = Task | Event
