"""Each pairwise swap of a path's lock order, alone: whether the kernel is safe with it.

Swapped everywhere at once an order would be as good as before; swapped in one path it contradicts
the others, unless nobody else takes the two locks together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any, Literal

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from fuzzcopy.fuzz.aim import programs
from fuzzcopy.fuzz.confirm import confirm
from fuzzcopy.fuzz.reduce import Reducer
from fuzzcopy.fuzz.samples import samples
from fuzzcopy.kernel import Kernel
from fuzzcopy.lockorder import Inversion, OrderGraph
from fuzzcopy.oracles import ALL, LockOrderTracker, Oracle
from fuzzcopy.runner import Outcome, Tally, explore, find_failure, record
from fuzzcopy.runner.runner import Found, Oracles
from fuzzcopy.scenario import PATHS, Operation, Orders, Scenario
from fuzzcopy.scenario.orders import ARRANGED, ARRANGEMENTS, impossible
from fuzzcopy.sched import Deadlock, Lock, Sparse, Task, ctrl_c

PAGE_SIZE = 16
"""Bytes. Of the programs that are tried, and of their files."""

AIMED = 1_500
"""How many schedules the directed search for each predicted inversion may take."""

PREEMPTIONS = 1
"""Explored is every schedule of a program with at most so many preemptions."""

EACH = 500_000
"""How many schedules of one program are explored at most."""

USERS = 1
"""How many of the operations that take their locks in another order are explored."""

SHRINKING = 40_000
"""How many steps the shrinking of a failure may take."""

Fate = Literal["safe", "deadlock", "another verdict", "impossible", "not decided"]


@dataclass(frozen=True, slots=True)
class Swap:
    """``path`` takes the lock of class ``inner`` already before that of class ``outer``.

    Or, if they are the same, its locks of that class in another arrangement. ``orders`` is what
    becomes of the order; ``None`` if that cannot be, for the ``reason``.
    """

    path: str
    outer: str
    inner: str
    orders: Orders | None
    reason: str = ""

    def __str__(self) -> str:
        if self.outer == self.inner:
            arranged = getattr(self.orders, self.path)
            return f"{self.path}: {self.outer} locks {_ARRANGED[arranged]}"
        return f"{self.path}: {self.inner} before {self.outer}"


_ARRANGED = {"descending": "descending", "given": "as the call names them"}


def swaps() -> Iterator[Swap]:
    """Every swap of two classes of a path, and every other arrangement of objects of one class.

    Two that are not neighbours are swapped by taking the inner one first, or, where that is
    impossible, the outer one last.
    """
    for path, order in PATHS.items():
        for outer, inner in combinations(order, 2):
            yield _swap(path, order, outer, inner)
    for path, kind in ARRANGEMENTS.items():
        for arrangement in ARRANGED[1:]:
            yield Swap(path, kind, kind, _orders(path, arrangement))


def _swap(path: str, order: Sequence[str], outer: str, inner: str) -> Swap:
    rest = [kind for kind in order if kind != inner]
    at = rest.index(outer)
    first = (*rest[:at], inner, *rest[at:])
    rest = [kind for kind in order if kind != outer]
    at = rest.index(inner) + 1
    last = (*rest[:at], outer, *rest[at:])
    for swapped in (first, last):
        if not impossible(path, swapped):
            return Swap(path, outer, inner, _orders(path, swapped))
    return Swap(path, outer, inner, None, impossible(path, first))


def _orders(path: str, value: object) -> Orders:
    changed: dict[str, Any] = {path: value}
    return Orders(**changed)


@dataclass(frozen=True, slots=True)
class Decided:
    """What came of a swap.

    ``schedules`` of ``programs`` programs were run; ``unfinished`` of these have more schedules
    than were explored. ``unconfirmed`` inversions were predicted. ``outcome`` is the failure.
    """

    swap: Swap
    outcome: Outcome | None = None
    schedules: int = 0
    programs: int = 0
    unfinished: int = 0
    unconfirmed: tuple[Inversion, ...] = ()

    @property
    def fate(self) -> Fate:
        """In one word or two."""
        if self.swap.orders is None:
            return "impossible"
        if self.outcome is not None:
            return "deadlock" if self.outcome.kind == Deadlock.kind else "another verdict"
        return "not decided" if self.unfinished else "safe"


def decide(
    kernel: type[Kernel],
    swap: Swap,
    *,
    preemptions: int | None = PREEMPTIONS,
    schedules: int = EACH,
) -> Decided:
    """What becomes of ``kernel`` with a swap.

    First every operation is run alone, in small worlds, and watched: an inversion that shows is
    tried by the directed search. Without one, no number of CPUs that do this can wait in a circle.
    Then every schedule with at most ``preemptions`` (``None``: every schedule) of programs of two
    CPUs with one operation each is explored, on one file of one page mapped by one process; the
    first of them takes its locks in the order swapped.
    """
    if swap.orders is None:
        return Decided(swap)
    return _Decision(kernel, swap.orders or UNSET).decide(swap, preemptions, schedules)


def fails_as_it_is(kernel: type[Kernel]) -> Outcome | None:
    """A failure of ``kernel`` in the documented orders: then a swap would say nothing."""
    return _Decision(kernel, UNSET).directed()


class _Taken(Oracle):
    """Notes in which order locks are taken."""

    def __init__(self) -> None:
        self.names: list[tuple[str, str]] = []

    def lock_taken(self, task: Task, lock: Lock, shared: bool, tried: bool) -> None:
        self.names.append((lock.kind, lock.name))


class _Decision:
    def __init__(self, kernel: type[Kernel], orders: Orders | UnsetType) -> None:
        self._kernel = kernel
        self._orders = orders
        self._graph = OrderGraph()
        self._tracker = LockOrderTracker(self._graph)
        self._tally = Tally()
        self._programs = 0

    def decide(self, swap: Swap, preemptions: int | None, each: int) -> Decided:
        outcome = self.directed()
        unfinished = 0
        if outcome is None:
            outcome, unfinished = self._explored(preemptions, each)
        if outcome is not None:
            outcome = Reducer(self._kernel, outcome, steps=SHRINKING).reduce()
        return Decided(
            swap,
            outcome,
            self._tally.schedules,
            self._programs,
            unfinished,
            tuple(self._graph.inversions) if outcome is None else (),
        )

    def directed(self) -> Outcome | None:
        """What operations show that run alone: a failure, or one met in trying an inversion."""
        for operation in samples(PAGE_SIZE):
            for scenario in programs([operation], PAGE_SIZE, orders=self._orders):
                self._programs += 1
                found = self._find(scenario, [*ALL, lambda: self._tracker])
                if found is not None:
                    return record(self._kernel, scenario, found.policy)
        for inversion in self._graph.inversions:
            ctrl_c.check()
            result = confirm(self._kernel, inversion, self._graph, schedules=AIMED)
            self._tally.schedules += result.schedules
            self._programs += result.programs
            if result.failure is not None:
                return result.failure
        return None

    def _explored(self, preemptions: int | None, each: int) -> tuple[Outcome | None, int]:
        """The first failure of two CPUs; and how many programs have too many schedules."""
        users = self._users()
        unfinished = int(not users)  # then there is nothing that could show anything
        for user, other in product(users, samples(PAGE_SIZE)):
            for scenario in self._worlds([user, other]):
                ctrl_c.check()
                self._programs += 1
                explored = explore(
                    self._kernel,
                    scenario,
                    preemptions=preemptions,
                    max_schedules=each,
                    first=True,
                )
                self._tally.schedules += explored.schedules
                for _, script in explored.failures.values():
                    return record(self._kernel, scenario, script), unfinished
                unfinished += explored.end == "stopped"
        return None, unfinished

    def _users(self) -> Sequence[Operation]:
        """The simplest operations that the swap makes take their locks in another order."""
        found: dict[Operation, int] = {}
        for operation in samples(PAGE_SIZE):
            for scenario in self._worlds([operation]):
                swapped = self._taken(scenario)
                if swapped != self._taken(replace(scenario, orders=UNSET)):
                    found.setdefault(operation, len(swapped))
        return sorted(found, key=lambda operation: found[operation])[:USERS]

    def _taken(self, scenario: Scenario) -> Sequence[tuple[str, str]]:
        """The locks that a program takes, in this order."""
        watch = _Taken()
        self._find(scenario, [lambda: watch])
        return watch.names

    def _worlds(self, operations: Sequence[Operation]) -> Iterator[Scenario]:
        """With the file's page mapped shared: not cached, or dirty and shown there."""
        for scenario in programs(operations, PAGE_SIZE, files=1, orders=self._orders):
            [mapping] = scenario.spaces[0].mappings
            if mapping.shared and scenario.files[0].pages == (
                ("dirty",) if mapping.present else ("absent",)
            ):
                yield scenario

    def _find(self, scenario: Scenario, oracles: Oracles) -> Found | None:
        return find_failure(
            self._kernel, scenario, [Sparse({})], oracles=oracles, tally=self._tally
        )
