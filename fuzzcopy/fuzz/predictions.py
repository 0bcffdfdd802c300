"""The lock orders of a campaign: tracked over all its runs, what contradicts itself is tried."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from fuzzcopy.fuzz.confirm import SCHEDULES, Confirmation, confirm
from fuzzcopy.kernel import Kernel
from fuzzcopy.lockorder import Edge, Inversion, OrderGraph
from fuzzcopy.oracles import ALL, LockOrderTracker
from fuzzcopy.runner import Trace, execute
from fuzzcopy.runner.runner import Oracles
from fuzzcopy.sched import Driver, Policy, drive
from fuzzcopy.world import Plan

FIRST = 500
"""Runs for the first attempt at a prediction while programs are drawn; then twice as many."""


class _Attempt(NamedTuple):
    """How much was known of an inversion, how many runs there were for it, whether they ran out."""

    known: int
    limit: int
    ran_out: bool


class Predictions:
    """Watches the runs of one kernel. ``watch`` goes among the oracles of every run.

    ``done`` are the predictions that were tried, in the order in which they were seen;
    ``schedules`` counts the runs that this took.
    """

    def __init__(
        self, kernel: type[Kernel], *, oracles: Oracles = ALL, schedules: int = SCHEDULES
    ) -> None:
        self.graph = OrderGraph()
        self.done: list[Confirmation] = []
        self.schedules = 0
        self._tracker = LockOrderTracker(self.graph)
        self._kernel = kernel
        self._oracles = oracles
        self._most = schedules
        self._attempts: list[_Attempt] = []

    def with_untried(self) -> list[Confirmation]:
        """:attr:`done`, and those that nothing was run for, as somebody pressed Ctrl-C."""
        untried = self.graph.inversions[len(self.done) :]
        return [*self.done, *(Confirmation(inversion, None, 0, 0) for inversion in untried)]

    def watch(self) -> LockOrderTracker:
        """The one tracker of all runs."""
        return self._tracker

    def try_new(self, share: int | None = None) -> Confirmation | None:
        """Try to confirm what is new; returns the first that led to a failure, predicted or not.

        What could not be confirmed is tried again when twice as much is known of its classes: the
        operations seen first need not be those that can meet.

        With ``share``, the number of runs that the search for other failures has had, each attempt
        begins small, and is repeated at twice the length once all attempts together have had less
        than that. A false alarm never ends by itself, and must not keep the search from what is
        plain to see.
        """
        for at, inversion in enumerate(self.graph.inversions):
            known = self._known_of(inversion)
            limit = self._limit(at, known, share)
            if limit == 0:
                continue
            result = confirm(
                self._kernel, inversion, self.graph, oracles=self._oracles, schedules=limit
            )
            self.schedules += result.schedules
            result = replace(result, inversion=with_places(self._kernel, inversion))
            self.done[at : at + 1] = [result]
            attempt = _Attempt(known, limit, ran_out=result.schedules >= limit)
            self._attempts[at : at + 1] = [attempt]
            if result.failure is not None:
                return result
        return None

    def _limit(self, at: int, known: int, share: int | None) -> int:
        """How many runs the next attempt at an inversion may take; 0 if there is to be none."""
        if at == len(self._attempts):
            return self._most if share is None else min(FIRST, self._most)
        before = self._attempts[at]
        if known < 2 * before.known and (not before.ran_out or before.limit == self._most):
            return 0
        if share is None:
            return self._most
        limit = min(2 * before.limit, self._most)
        return limit if self.schedules + limit <= share else 0

    def _known_of(self, inversion: Inversion) -> int:
        return sum(
            len(self.graph.edges(edge.hold.kind, edge.wanted.kind)) for edge in inversion.edges
        )


def with_places(kernel: type[Kernel], inversion: Inversion) -> Inversion:
    """``inversion`` with the places in the code, found by running its witnesses once more."""
    return replace(inversion, edges=tuple(_placed(kernel, edge) for edge in inversion.edges))


def _placed(kernel: type[Kernel], edge: Edge) -> Edge:
    witness = edge.dependency.witness
    if witness.places:
        return edge
    tracker = LockOrderTracker()
    drive(lambda driver: _once(driver, kernel, Plan(witness.scenario), witness.policy, tracker))
    for again in tracker.graph.edges(edge.hold.kind, edge.wanted.kind):
        if again.hold == edge.hold and again.dependency.pattern() == edge.dependency.pattern():
            return again
    return edge


async def _once(
    driver: Driver, kernel: type[Kernel], plan: Plan, policy: Policy, tracker: LockOrderTracker
) -> None:
    # With a trace it is known where each lock was taken.
    await execute(driver, kernel, plan, policy, oracles=[lambda: tracker], watchers=[Trace()])
