"""The last part of shrinking: program and schedule together, on the explicit scenario.

Hypothesis shrinks what it drew; a schedule found through a policy's seed is not among that. So
the failure is written down with its explicit schedule, and then everything is left out that can
be, as long as the verdict stays the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from msgspec.structs import replace

from fuzzcopy.fuzz.anchor import Boundaries, boundaries, reanchored
from fuzzcopy.fuzz.candidates import candidates
from fuzzcopy.fuzz.worlds import cooled, warmed
from fuzzcopy.kernel import Kernel
from fuzzcopy.oracles import ALL
from fuzzcopy.runner import Outcome, Tally, find_failure, policies_for, record
from fuzzcopy.runner.runner import Oracles, deviations
from fuzzcopy.scenario import Scenario
from fuzzcopy.sched import Pct, Policy, Replay, Sparse

STEPS = 500_000
"""How many steps the runs of a reduction may take: some thousand runs, or some hundred that hang
only after thousands of steps."""

OTHERS, COARSE = 8, 32
"""Schedules of the portfolio that each candidate is tried under, beside its own; and one that does
without an operation or a CPU."""

CHANCES, MOST = 100, 3
"""Runs of PCT of each depth that look for a failure with fewer preemptions, and the depths."""

POINTS = 60
"""At how many points about, of those with a choice, a single switch is tried. A program that has
more of them is seldom small yet."""

Policies = Callable[[Tally], Iterator[Policy]]
"""From what the runs of a candidate were like so far to what to try it under."""


def _at_most_one_switch(tally: Tally) -> Iterator[Policy]:
    yield Sparse({})
    for at in range(0, tally.contested, 1 + tally.contested // POINTS):
        for choice in (1, 2, 3):
            yield Sparse({at: choice})


def size(outcome: Outcome) -> tuple[int, ...]:
    """What makes a failure small: CPUs, operations, preemptions, as its headline has them.

    Then rounds of the actors, switches, and the rest.
    """
    scenario = outcome.scenario
    return (
        len(scenario.cpus),
        scenario.operations,
        outcome.preemptions,
        sum(scenario.actors.rounds().values()),
        len(scenario.schedule),
        len(repr(scenario)),
    )


def _coarse(candidate: Scenario, best: Outcome) -> bool:
    was = best.scenario
    return candidate.operations < was.operations or len(candidate.cpus) < len(was.cpus)


def _smaller(outcome: Outcome, best: Outcome) -> bool:
    # A simplification may need another switch, but never another preemption.
    if outcome.scenario == best.scenario:
        return False
    (*coarse, switches, rest), (*best_coarse, best_switches, best_rest) = size(outcome), size(best)
    if coarse != best_coarse:
        return coarse < best_coarse
    return switches <= best_switches or rest < best_rest


def _calmer(outcome: Outcome, best: Outcome) -> bool:
    return outcome.preemptions < best.preemptions


class Reducer:
    """Reduces one failure of one kernel."""

    def __init__(
        self, kernel: type[Kernel], outcome: Outcome, *, oracles: Oracles = ALL, steps: int = STEPS
    ) -> None:
        self.best = outcome
        self._kernel = kernel
        self._kind = outcome.kind
        self._oracles = oracles
        self.steps_left = steps
        self._boundaries: tuple[Outcome, Boundaries] | None = None
        self._been = {outcome.scenario}

    def reduce(self) -> Outcome:
        """The smallest outcome with the same verdict that was found."""
        # First: the fewer preemptions, the more can be left out without one that loses its place.
        self._fewer_preemptions()
        while self._once() or self._fewer_preemptions() or self._elsewhere():
            pass
        return self.best

    def _once(self) -> bool:
        """Try all candidates, again and again, until none of them still fails.

        Behind one that does it goes on where it was: those before have just been tried, on a
        scenario that was hardly another.
        """
        changed = False
        tried: set[Scenario] = set()
        start = 0
        while self.steps_left > 0:
            for number, candidate in enumerate(candidates(self.best.scenario)):
                if number < start or candidate in tried:
                    continue
                tried.add(candidate)
                if self._accept(candidate, self._schedules(candidate)):
                    changed, start = True, number
                    break
            else:
                if not start:
                    break
                start = 0
        return changed

    def _schedules(self, candidate: Scenario) -> Policies:
        # Found out now: when the schedules are asked for, a run is under way.
        moved = None
        if candidate.schedule and candidate.operations < self.best.scenario.operations:
            moved = reanchored(self.best.scenario, candidate, self._where())

        def policies(tally: Tally) -> Iterator[Policy]:
            # Its own schedule first; the failure may also have moved a little.
            if moved is not None:
                yield Replay(deviations(moved), skip_missing=True)
            yield Replay(deviations(candidate), skip_missing=True)
            if replace(candidate, schedule=self.best.scenario.schedule) != self.best.scenario:
                count = COARSE if _coarse(candidate, self.best) else OTHERS
                yield from policies_for(0, count, tally)

        return policies

    def _where(self) -> Boundaries:
        """Where the operations of the best one begin."""
        if self._boundaries is None or self._boundaries[0] is not self.best:
            seen = boundaries(self._kernel, self.best.scenario, oracles=self._oracles)
            self._boundaries = self.best, seen
        return self._boundaries[1]

    def _fewer_preemptions(self) -> bool:
        """Look for the failure under schedules with hardly a switch, as long as that helps."""
        changed = False
        while self.best.preemptions > 1 or len(self.best.scenario.schedule) > 1:
            if not self._accept(self.best.scenario, self._few_switches):
                break
            changed = True
        return changed

    def _elsewhere(self) -> bool:
        """Look for it with fewer preemptions where everything is there already, or nothing.

        What had to come in between, as it would have been brought in again, can come before in
        the first; and in the second while the disk is waited for.
        """
        return any(
            self._accept(world(self.best.scenario), _at_most_one_switch, _calmer)
            for world in (warmed, cooled)
            if self.best.preemptions
        )

    def _few_switches(self, tally: Tally) -> Iterator[Policy]:
        """All with at most one; then, if there are more, some with one preemption or two."""
        yield from _at_most_one_switch(tally)
        for depth in range(2, min(self.best.preemptions, MOST) + 1):
            for number in range(CHANCES):
                yield Pct(number, depth=depth, steps=tally.contested)

    def _accept(
        self,
        candidate: Scenario,
        policies_for_it: Policies,
        better: Callable[[Outcome, Outcome], bool] = _smaller,
    ) -> bool:
        tally = Tally()
        policies = policies_for_it(tally)
        try:
            while True:
                found = find_failure(
                    self._kernel, candidate, policies, oracles=self._oracles, tally=tally
                )
                if found is None:
                    return False
                if getattr(found.failure, "kind", None) != self._kind:
                    continue  # another failure: let the remaining schedules try
                outcome = record(self._kernel, candidate, found.policy, oracles=self._oracles)
                if outcome.kind != self._kind or not better(outcome, self.best):
                    continue
                if outcome.scenario in self._been:
                    continue  # not all simplifications go one way: do not go in circles
                self._been.add(outcome.scenario)
                self.best = outcome
                return True
        finally:
            self.steps_left -= tally.steps


def reduce(kernel: type[Kernel], outcome: Outcome, *, oracles: Oracles = ALL) -> Outcome:
    """The smallest failure with the verdict of ``outcome`` that a bounded effort finds."""
    return Reducer(kernel, outcome, oracles=oracles).reduce()
