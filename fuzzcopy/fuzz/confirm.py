"""Confirmation: trying to turn a predicted inversion into a deadlock.

The operations of the prediction run on a CPU each, aimed at the same few pages, under schedules
that stop every CPU where it holds its lock of the cycle. What hangs then is a bug; what does not
is a prediction still, with the bound of what was tried.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, permutations, product

from fuzzcopy.counted import sampled
from fuzzcopy.fuzz.aim import programs
from fuzzcopy.fuzz.windows import Stop, Windows
from fuzzcopy.kernel import Kernel
from fuzzcopy.lockorder import Edge, Inversion, OrderGraph
from fuzzcopy.oracles import ALL, LockOrderTracker
from fuzzcopy.runner import Outcome, Tally, find_failure, policies_for, record
from fuzzcopy.runner.runner import Oracles
from fuzzcopy.scenario import Actors, Operation, Scenario, kind_of
from fuzzcopy.sched import Deadlock, Policy

SCHEDULES = 5_000
"""How many runs a confirmation may take."""

FURTHER = 500
"""After a deadlock along the cycle, runs for a better one: in which every class is waited for."""

ALTERNATIVES = 6
"""Kinds of operation that are tried for each edge of a cycle."""

BY_CHANCE = 4
"""Schedules of the default portfolio for each program, beside the steered ones."""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What came of a prediction: ``outcome`` is the deadlock, if there is one.

    ``schedules`` of ``programs`` programs were tried. ``other`` is the first failure that they met
    on the way and that the prediction says nothing of.
    """

    inversion: Inversion
    outcome: Outcome | None
    schedules: int
    programs: int
    other: Outcome | None = None

    @property
    def failure(self) -> Outcome | None:
        """What is wrong with the kernel, predicted or not."""
        return self.outcome or self.other

    def __str__(self) -> str:
        tried = sampled(self.schedules, self.programs)
        return f"{'confirmed' if self.outcome else 'not confirmed'} in {tried}"


def confirm(
    kernel: type[Kernel],
    inversion: Inversion,
    graph: OrderGraph,
    *,
    oracles: Oracles = ALL,
    schedules: int = SCHEDULES,
) -> Confirmation:
    """Look for a deadlock that contains the cycle of ``inversion``, seen in ``graph``."""
    return _Confirmer(kernel, inversion, graph, oracles, schedules).run()


class _Confirmer:
    def __init__(
        self,
        kernel: type[Kernel],
        inversion: Inversion,
        graph: OrderGraph,
        oracles: Oracles,
        schedules: int,
    ) -> None:
        self._kernel = kernel
        self._inversion = inversion
        self._graph = graph
        self._oracles = oracles
        self._limit = schedules
        self._tally = Tally()
        self._tracker = LockOrderTracker(OrderGraph())
        self._best: Outcome | None = None
        self._other: Outcome | None = None
        self._edges = {(edge.hold.kind, edge.wanted.kind) for edge in inversion.edges}

    def run(self) -> Confirmation:
        tried = 0
        seen = self._inversion.edges[0].dependency.witness.scenario
        for operations, actors, kinds in self._casts():
            best = self._best
            for scenario in programs(
                operations, seen.machine.page_size, actors, orders=seen.orders
            ):
                if self._tally.schedules >= self._limit:
                    break
                tried += 1
                if self._hangs(scenario, kinds):
                    return self._result(tried)
                if self._best is not best:
                    break  # a better one, if there is, needs other operations
        return self._result(tried)

    def _result(self, tried: int) -> Confirmation:
        return Confirmation(self._inversion, self._best, self._tally.schedules, tried, self._other)

    def _hangs(self, scenario: Scenario, kinds: Sequence[str]) -> bool:
        """Whether the best deadlock that can be hoped for was found."""
        policies = islice(self._policies(kinds), self._limit - self._tally.schedules)
        while True:
            found = find_failure(
                self._kernel,
                scenario,
                policies,
                oracles=[lambda: self._tracker],
                tally=self._tally,
            )
            if found is None:
                return False
            if not isinstance(found.failure, Deadlock):
                continue
            if not self._is_predicted(found.failure):
                if self._other is None:
                    self._other = self._recorded(scenario, found.policy)
                continue
            all_wait = self._waited(found.failure) == set(self._inversion.kinds)
            if not all_wait and self._best is not None:
                continue
            outcome = self._recorded(scenario, found.policy)
            if outcome is None or outcome.kind != Deadlock.kind:
                continue
            if self._best is None:
                self._limit = min(self._limit, self._tally.schedules + FURTHER)
            self._best = outcome
            if all_wait:
                return True

    def _recorded(self, scenario: Scenario, policy: Policy) -> Outcome | None:
        """The failure once more, before all judges: one may object earlier on."""
        judges = (*self._oracles, lambda: self._tracker)
        outcome = record(self._kernel, scenario, policy, oracles=judges)
        return None if outcome.verdict is None else outcome

    def _is_predicted(self, deadlock: Deadlock) -> bool:
        """Whether they wait in a circle for locks of the prediction, and for no others.

        And whether they took, or want, their locks in the predicted orders.
        """
        orders: set[tuple[str, str]] = set()
        for wait in deadlock.waits:
            taken = self._tracker.order_of(wait.task)
            orders.update((taken[i], later) for i in range(len(taken)) for later in taken[i + 1 :])
        only_these = self._waited(deadlock) <= set(self._inversion.kinds)
        return deadlock.cycle and only_these and self._edges <= orders

    def _waited(self, deadlock: Deadlock) -> set[str]:
        """The classes that those who wait for ever wait for."""
        return {self._tracker.order_of(wait.task)[-1] for wait in deadlock.waits}

    # -- what is tried ------------------------------------------------------------------------

    def _casts(self) -> Iterator[tuple[tuple[Operation, ...], Actors, Sequence[str]]]:
        """An operation for each CPU, and which actors there are beside them.

        Then, for each of them, the class that it shall hold when the next one begins.
        """
        done: set[tuple[tuple[Operation, ...], Actors]] = set()
        for chosen in self._choices():
            seen = [(edge.dependency.witness, edge.hold.kind) for edge in chosen]
            programs = [(w.operation, kind) for w, kind in seen if w.operation is not None]
            threads = {witness.actor: kind for witness, kind in seen if witness.actor}
            if not programs or len(programs) + len(threads) < len(seen):
                continue
            actors = Actors(**dict.fromkeys(threads, 1))
            for extra in ((), *self._writers()):
                cast = (*[operation for operation, _ in programs], *extra)
                if (cast, actors) not in done:
                    done.add((cast, actors))
                    kinds = [kind for _, kind in programs] + [""] * len(extra)
                    yield cast, actors, kinds + [threads[name] for name in actors.rounds()]

    def _choices(self) -> Iterator[Sequence[Edge]]:
        """The edges of the cycle; then other operations that have edges of the same classes."""
        edges = self._inversion.edges
        yield edges
        if len(edges) == 1:
            edges = edges * 2
        alternatives = [self._alternatives(edge) for edge in edges]
        places = product(*[range(len(some)) for some in alternatives])
        for chosen in sorted(places, key=sum):
            yield [some[at] for some, at in zip(alternatives, chosen, strict=True)]

    def _alternatives(self, edge: Edge) -> list[Edge]:
        """``edge`` first; then one per kind of operation, those that held the least before others.

        What is held besides may serialise.
        """
        found: dict[str, Edge] = {_kind(edge): edge}
        others = self._graph.edges(edge.hold.kind, edge.wanted.kind)
        for other in sorted(others, key=_besides):
            found.setdefault(_kind(other), other)
        return list(found.values())[:ALTERNATIVES]

    def _writers(self) -> Iterator[tuple[Operation, ...]]:
        """Who takes the classes alone that are shared on both sides of the cycle."""
        for kind in self._inversion.needs_writer:
            witness = self._graph.exclusive.get(kind)
            if witness is not None and witness.operation is not None:
                yield (witness.operation,)

    def _policies(self, kinds: Sequence[str]) -> Iterator[Policy]:
        """Steered schedules; if their stops cannot be reached together, no others."""
        possible = False
        for nth in (1, 2, 3):
            for order in permutations(range(len(kinds))):
                steered = Windows(self._tracker, [Stop(cpu, kinds[cpu], nth) for cpu in order])
                yield steered
                possible = possible or steered.passed_over == 0
            if not possible:
                return
        tally = Tally()
        tally.contested = max(self._tally.contested, 1)
        yield from policies_for(len(kinds), BY_CHANCE, tally)


def _kind(edge: Edge) -> str:
    witness = edge.dependency.witness
    return witness.actor if witness.operation is None else kind_of(witness.operation)


def _besides(edge: Edge) -> tuple[int, int]:
    holds = edge.dependency.holds
    return sum(not hold.shared for hold in holds if hold != edge.hold), len(holds)
