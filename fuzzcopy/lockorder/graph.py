"""The order graph over lock classes, and the cycles in it that can hang."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set

from fuzzcopy.lockorder.dependency import Dependency, Edge, Hold, Witness, relation
from fuzzcopy.lockorder.gates import serialised
from fuzzcopy.lockorder.inversion import Inversion

LONGEST = 4
"""Edges of a cycle at most."""


class OrderGraph:
    """What was wanted under what, over any number of runs.

    ``inversions`` are the contradictions, one per cycle of classes, in the order in which they
    were seen. ``exclusive`` tells of each class who took it alone first.
    """

    def __init__(self) -> None:
        self.inversions: list[Inversion] = []
        self.exclusive: dict[str, Witness] = {}
        self._edges: dict[str, list[Edge]] = {}  # by the class held
        self._patterns: set[tuple[object, ...]] = set()
        self._names: dict[str, set[str]] = {}
        self._known: list[frozenset[str]] = []

    def edges(self, held: str | None = None, wanted: str | None = None) -> list[Edge]:
        """Every edge that was seen, those between given classes only if they are named."""
        lists = self._edges.values() if held is None else [self._edges.get(held, [])]
        return [e for edges in lists for e in edges if wanted in (None, e.wanted.kind)]

    def classes(self) -> list[str]:
        """Every class that was taken or waited for, in the order of their names."""
        return sorted(self._names)

    def add(self, dependency: Dependency) -> None:
        """Enter what was seen; look whether it contradicts what was seen before."""
        wanted = dependency.wanted
        again = self._note(wanted, dependency.witness)
        pattern = dependency.pattern()
        if pattern not in self._patterns:
            self._patterns.add(pattern)
            new = []
            for hold in dict.fromkeys(dependency.holds):
                new.append(Edge(dependency, hold))
                self._edges.setdefault(hold.kind, []).append(new[-1])
            for edge in new:
                self._look(edge)
        if again:
            for edge in self.edges():
                self._look(edge)

    def took(self, taken: Hold, witness: Witness) -> None:
        """``taken`` was taken, with nothing held or without waiting: no edge leads to it."""
        if self._note(taken, witness):
            for edge in self.edges():
                self._look(edge)

    def _note(self, taken: Hold, witness: Witness) -> bool:
        """Whether a gate that was the only lock of its class is one no longer."""
        names = self._names.setdefault(taken.kind, set())
        again = len(names) == 1 and taken.name not in names
        names.add(taken.name)
        if not taken.shared:
            self.exclusive.setdefault(taken.kind, witness)
        return again

    def _look(self, edge: Edge) -> None:
        for cycle in self._cycles(edge):
            inversion = Inversion(tuple(cycle), self._needs_writer(cycle))
            if not self._is_known({e.hold.kind for e in cycle}):
                self._known.append(frozenset(inversion.kinds))
                self.inversions.append(inversion)

    def _is_known(self, kinds: Set[str]) -> bool:
        """Whether a cycle of some of these classes was seen: the longer one says nothing new."""
        return any(known == kinds or (len(known) > 1 and known <= kinds) for known in self._known)

    def _cycles(self, edge: Edge) -> Iterator[list[Edge]]:
        if edge.hold.kind == edge.wanted.kind:
            yield from self._within(edge)
        elif edge.hold.kind in self._below(edge.wanted.kind):
            for length in range(2, LONGEST + 1):
                yield from self._closed([edge], length)

    def _within(self, edge: Edge) -> Iterator[list[Edge]]:
        """Cycles in one class: up against down, or the same lock twice."""
        lies = relation(edge.hold.name, edge.wanted.name)
        if lies == "same" or (lies == "any" and edge.hold.kind != "ipi"):
            yield [edge]  # a task alone is enough
            return
        against = {"up": ("down", "any"), "down": ("up", "any"), "any": ("up", "down", "any")}[lies]
        for other in self.edges(edge.hold.kind, edge.hold.kind):
            if relation(other.hold.name, other.wanted.name) in against:
                cycle = [edge, other]
                if not serialised(cycle, self._names):
                    yield cycle

    def _closed(self, path: list[Edge], length: int) -> Iterator[list[Edge]]:
        """Cycles of exactly ``length`` edges that begin with ``path``."""
        first, last = path[0], path[-1]
        taken = {edge.hold.kind for edge in path} | {last.wanted.kind}
        if self._is_known(taken):
            return
        for edge in self._edges.get(last.wanted.kind, ()):
            longer = [*path, edge]
            if len(longer) == length:
                if edge.wanted.kind == first.hold.kind and not serialised(longer, self._names):
                    yield longer
            elif edge.wanted.kind not in taken:
                yield from self._closed(longer, length)

    def _below(self, kind: str) -> set[str]:
        """The classes that are wanted, directly or not, under ``kind``."""
        found: set[str] = set()
        todo = [kind]
        while todo:
            for edge in self._edges.get(todo.pop(), ()):
                if edge.wanted.kind not in found:
                    found.add(edge.wanted.kind)
                    todo.append(edge.wanted.kind)
        return found

    def _needs_writer(self, cycle: Sequence[Edge]) -> tuple[str, ...]:
        """The classes that one edge wants shared and the next holds shared."""
        following = [*cycle[1:], cycle[0]]
        return tuple(
            edge.wanted.kind
            for edge, after in zip(cycle, following, strict=True)
            if edge.wanted.shared and after.hold.shared
        )
