"""One observation: what was held when something more was wanted."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from fuzzcopy.scenario import Operation, Scenario
    from fuzzcopy.sched import Policy

ANY = "*"
"""Stands for the name of an object that could be any of its class."""

How = Literal["takes", "may fault", "waits"]
"""A lock is taken; a copy from or to user memory may take it in a page fault; it is a wait."""


class Hold(NamedTuple):
    """A lock as a task holds or wants it: class, name, and whether shared."""

    kind: str
    name: str
    shared: bool = False

    @property
    def root(self) -> str:
        """The object that the lock belongs to: ``f0`` for ``f0:2``."""
        return self.name.partition(":")[0]

    def held(self) -> str:
        """What a report says of it while it is held."""
        if self.kind == "ipi":
            return f"interrupts off on {self.name}"
        if self.kind == "writeback":
            return f"writeback of {self.name} begun"
        return self._lock()

    def wanted(self) -> str:
        """What a report says of it while it is waited for."""
        if self.kind == "ipi":
            return "acknowledgements of interrupts"
        if self.kind in ("writeback", "io", "completion"):
            return f"the end of {self.kind} {self.name}"
        return self._lock()

    def _lock(self) -> str:
        name = f"of any {'page' if self.kind == 'page' else 'file'}"
        if self.name != ANY:
            name = self.name
        return f"{self.kind} lock {name}{' shared' if self.shared else ''}"


@dataclass(frozen=True, slots=True)
class Witness:
    """Where it was seen: a scenario under a policy, the CPU's number and its operation's.

    ``places`` are the ``file:line`` of what was held and, last, of what was wanted; known in
    traced runs only.
    """

    scenario: Scenario
    policy: Policy
    cpu: int
    number: int
    places: tuple[str, ...] = ()

    @property
    def operation(self) -> Operation | None:
        """What the CPU was doing."""
        program = self.scenario.cpus[self.cpu].program if self.cpu < len(self.scenario.cpus) else ()
        return program[self.number] if 0 <= self.number < len(program) else None

    @property
    def actor(self) -> str:
        """The kernel thread that it was seen in; empty for a CPU's program."""
        beyond = self.cpu - len(self.scenario.cpus)
        return [*self.scenario.actors.rounds()][beyond] if beyond >= 0 else ""


@dataclass(frozen=True, slots=True)
class Dependency:
    """``wanted`` was wanted while ``holds`` were held, in the order in which they were taken.

    The last ``faulting`` of ``holds`` are those of a page fault that may happen.
    """

    holds: tuple[Hold, ...]
    wanted: Hold
    how: How
    witness: Witness
    faulting: int = 0

    def pattern(self) -> tuple[object, ...]:
        """The same for observations that differ only in which objects they are about.

        Observations of different kinds of operation differ: others may meet what one cannot.
        """
        roots: dict[str, str] = {}

        def general(hold: Hold) -> tuple[str, str, bool]:
            root = hold.root
            if root not in roots:
                roots[root] = f"{root.rstrip('0123456789')}#{len(roots)}"
            return hold.kind, roots[root], hold.shared

        relations = tuple(
            relation(hold.name, self.wanted.name) if hold.kind == self.wanted.kind else ""
            for hold in self.holds
        )
        doing = self.witness.actor or type(self.witness.operation)
        return (*map(general, (*self.holds, self.wanted)), relations, self.how, doing)


class Edge(NamedTuple):
    """One of the locks held in a dependency, and what was wanted under it."""

    dependency: Dependency
    hold: Hold

    @property
    def wanted(self) -> Hold:
        """What was wanted."""
        return self.dependency.wanted


Relation = Literal["up", "down", "same", "any"]


def relation(held: str, wanted: str) -> Relation:
    """How two locks of one class lie to each other: ascending, or a parent first, is *up*."""
    if ANY in (held, wanted):
        return "any"
    if held == wanted:
        return "same"
    return "up" if _rank(held) < _rank(wanted) else "down"


@cache
def _rank(name: str) -> tuple[tuple[int, int, str], ...]:
    """Names with numbers in them by value; a name before the names that it begins."""
    parts = re.findall(r"\d+|\D", name)
    return tuple((1, int(p), "") if p.isdecimal() else (0, 0, p) for p in parts)
