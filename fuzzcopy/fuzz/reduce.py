"""The last part of shrinking: program and schedule together, on the explicit scenario.

Hypothesis shrinks what it drew; a schedule found through a policy's seed is not among that. So
the failure is written down with its explicit schedule, and then everything is left out that can
be, as long as the verdict stays the same.
"""

from __future__ import annotations

from collections.abc import Iterator

from fuzzcopy.fuzz.anchor import Boundaries, boundaries, reanchored
from fuzzcopy.fuzz.candidates import candidates
from fuzzcopy.kernel import Kernel
from fuzzcopy.oracles import ALL
from fuzzcopy.runner import Outcome, Tally, find_failure, policies_for, record
from fuzzcopy.runner.runner import Oracles, deviations
from fuzzcopy.scenario import Scenario
from fuzzcopy.sched import Policy, Replay, Sparse

RUNS = 6_000
"""How many runs a reduction may use."""


class Reducer:
    """Reduces one failure of one kernel."""

    def __init__(
        self, kernel: type[Kernel], outcome: Outcome, *, oracles: Oracles = ALL, runs: int = RUNS
    ) -> None:
        self.best = outcome
        self._kernel = kernel
        self._kind = outcome.kind
        self._oracles = oracles
        self._tally = Tally()
        self._runs = runs
        self._boundaries: tuple[Outcome, Boundaries] | None = None
        self._been = {outcome.scenario}

    def reduce(self) -> Outcome:
        """The smallest outcome with the same verdict that was found."""
        while self._once() or self._fewer_preemptions():
            pass
        return self.best

    def _once(self) -> bool:
        """Accept the first candidate that still fails, and go on from there."""
        changed = False
        tried: set[Scenario] = set()
        again = True
        while again and self._tally.schedules < self._runs:
            again = False
            for candidate in candidates(self.best.scenario):
                if candidate in tried:
                    continue
                tried.add(candidate)
                if self._accept(candidate, self._schedules(candidate)):
                    changed = again = True
                    break
        return changed

    def _schedules(self, candidate: Scenario) -> Iterator[Policy]:
        # Found out now: when the schedules are asked for, a run is under way.
        moved = None
        if candidate.schedule and candidate.operations < self.best.scenario.operations:
            moved = reanchored(self.best.scenario, candidate, self._where())
        return self._schedules_of(candidate, moved)

    def _schedules_of(self, candidate: Scenario, moved: Scenario | None) -> Iterator[Policy]:
        # Its own schedule first; the failure may also have moved a little.
        if moved is not None:
            yield Replay(deviations(moved), skip_missing=True)
        yield Replay(deviations(candidate), skip_missing=True)
        if len(candidate.schedule) < len(self.best.scenario.schedule):
            return
        tally = Tally()
        tally.contested = self._tally.contested
        yield from policies_for(0, 8, tally)

    def _where(self) -> Boundaries:
        """Where the operations of the best one begin."""
        if self._boundaries is None or self._boundaries[0] is not self.best:
            seen = boundaries(self._kernel, self.best.scenario, oracles=self._oracles)
            self._boundaries = self.best, seen
        return self._boundaries[1]

    def _fewer_preemptions(self) -> bool:
        """Look for the failure under every schedule with at most one switch."""
        if self.best.preemptions < 2 and len(self.best.scenario.schedule) < 2:
            return False
        return self._accept(self.best.scenario, self._single_switches())

    def _single_switches(self) -> Iterator[Policy]:
        yield Sparse({})
        for at in range(self._tally.contested):
            for choice in (1, 2, 3):
                yield Sparse({at: choice})

    def _accept(self, candidate: Scenario, policies: Iterator[Policy]) -> bool:
        while True:
            found = find_failure(
                self._kernel, candidate, policies, oracles=self._oracles, tally=self._tally
            )
            if found is None:
                return False
            if getattr(found.failure, "kind", None) != self._kind:
                continue  # another failure: let the remaining schedules try
            outcome = record(self._kernel, candidate, found.policy, oracles=self._oracles)
            if outcome.kind != self._kind or not _smaller(outcome, self.best):
                return False
            if outcome.scenario in self._been:
                return False  # not all simplifications go one way: do not go in circles
            self._been.add(outcome.scenario)
            self.best = outcome
            return True


def size(outcome: Outcome) -> tuple[int, int, int, int, int]:
    """What makes a failure small: CPUs, operations, preemptions, switches, and the rest."""
    scenario = outcome.scenario
    return (
        len(scenario.cpus),
        scenario.operations + sum(scenario.actors.rounds().values()),
        outcome.preemptions,
        len(scenario.schedule),
        len(repr(scenario)),
    )


def _smaller(outcome: Outcome, best: Outcome) -> bool:
    # A simplification may need another switch, but never another preemption.
    if outcome.scenario == best.scenario:
        return False
    (*coarse, switches, rest), (*best_coarse, best_switches, best_rest) = size(outcome), size(best)
    if coarse != best_coarse:
        return coarse < best_coarse
    return switches <= best_switches or rest < best_rest


def reduce(kernel: type[Kernel], outcome: Outcome, *, oracles: Oracles = ALL) -> Outcome:
    """The smallest failure with the verdict of ``outcome`` that a bounded effort finds."""
    return Reducer(kernel, outcome, oracles=oracles).reduce()
