"""Who waits for whom: exact detection of total and of partial deadlock.

Every wait here is an AND wait: it ends only when *all* its blockers have let go. So one path
from a task back to itself, or to a task that has ended, means that it waits for ever, whatever
the others do.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from fuzzcopy.sched.task import State, Task


class Resource(Protocol):
    """What a task can be blocked on."""

    @property
    def description(self) -> str:
        """What a report calls it: ``page lock f0:2``."""

    def blockers(self, task: Task) -> Sequence[Task]:
        """The tasks that must all act before ``task`` can go on; empty if that is unknown."""

    def taken_at(self, task: Task) -> str:
        """Where ``task`` got hold of this (``file:line``), or ``""``; known in traced runs."""


class Wait:
    """One edge of a deadlock report: ``task`` waits for ``resource``, held by ``holder``."""

    def __init__(self, task: Task, resource: Resource, holder: Task | None) -> None:
        self.task = task.name
        self.label = task.label
        self.resource = resource.description
        self.holder = holder.name if holder else ""
        self.ended = holder is not None and holder.state is State.DONE
        self.taken_at = resource.taken_at(holder) if holder else ""

    def __str__(self) -> str:
        if not self.holder:
            return f"{self.task} waits for {self.resource}"
        if self.holder == self.task:
            return f"{self.task} waits for {self.resource}, which it holds itself"
        gone = ", which has ended" if self.ended else ""
        return f"{self.task} waits for {self.resource}, held by {self.holder}{gone}"


def find_cycle(start: Task) -> list[Wait] | None:
    """The chain of waits that shows that ``start`` waits for ever, or ``None``."""
    resource = start.waiting
    if resource is None:
        return None
    for holder in resource.blockers(start):
        if holder is start or holder.state is State.BLOCKED or holder.state is State.DONE:
            break
    else:
        return None  # by far the most common case
    return _search(start, start, set())


def _search(task: Task, start: Task, seen: set[int]) -> list[Wait] | None:
    # No function within find_cycle: one that calls itself is kept by itself, and with it the
    # tasks and their world, until the garbage collector comes by.
    resource = task.waiting
    if task.state is not State.BLOCKED or resource is None or task.index in seen:
        return None
    seen.add(task.index)
    for holder in resource.blockers(task):
        if holder is start or holder.state is State.DONE:
            return [Wait(task, resource, holder)]
        rest = _search(holder, start, seen)
        if rest is not None:
            return [Wait(task, resource, holder), *rest]
    return None


def all_waits(tasks: Sequence[Task]) -> list[Wait]:
    """Every blocked task with the first of its blockers: for a report without a cycle."""
    waits = []
    for task in tasks:
        if task.state is State.BLOCKED and task.waiting is not None:
            blockers = task.waiting.blockers(task)
            waits.append(Wait(task, task.waiting, blockers[0] if blockers else None))
    return waits
