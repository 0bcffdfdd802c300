"""What a campaign does for each example: one program under several schedules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from fuzzcopy.fuzz.campaign import Campaign
from fuzzcopy.fuzz.corpus import Corpus
from fuzzcopy.fuzz.meetings import Meetings, Novelty
from fuzzcopy.fuzz.reduce import size
from fuzzcopy.fuzz.target import Target
from fuzzcopy.kernel import Kernel
from fuzzcopy.oracles import ALL
from fuzzcopy.runner import (
    Found,
    Outcome,
    Tally,
    check_determinism,
    find_failure,
    policies_for,
    record,
)
from fuzzcopy.runner.runner import Oracles
from fuzzcopy.scenario import Scenario, kind_of
from fuzzcopy.sched import Policy, Problem, RandomWalk

Policies = Callable[[int, int, Tally], Iterable[Policy]]
"""From a seed, how many, and what the program's runs were like so far, to policies to try."""

SCHEDULES = 12
"""How many schedules a program is tried under."""

AFTERWARDS, IF_NEW = 1_000, 2_000
"""A campaign looks closely at the first schedule of a program, in which the CPUs take turns: which
of their accesses met? Then it tries others for about so many steps, or, if any of these meetings
was new, for so many. A short program fails as readily as a long one, and has more tries."""

BESIDES = 40
"""What a run costs beside its steps, in steps: a world is built for it and taken apart."""

LEAST, MOST = 3, 40
"""How many more schedules there are for any program, at least and at most."""

MISSES = 3
"""How many schedules a program has while none of them enters what the kernel swaps, beside the one
that is looked at closely."""

ALWAYS_CHECKED = 10
CHECKED_EVERY = 100
"""The first programs, and one in so many, are also checked for determinism."""

SMALL = 5
"""Only programs of so few operations are kept to be varied: in a large one much else happens."""

SHRINK_STEPS = 25_000
"""How many steps Hypothesis may shrink with before the reducer takes over. Not a time: the same
seed must be the same search on a slow machine."""


class Search:
    """What happens for each example: the program under several schedules.

    ``best`` is the smallest failure so far, with its explicit schedule. With ``only``, other
    verdicts than that are passed over. With a ``corpus``, programs in which accesses meet that
    have seldom met are kept there and tried under more schedules than others. ``shrink`` is how
    many steps Hypothesis may go on for once something has failed.
    """

    def __init__(
        self,
        kernel: type[Kernel],
        *,
        oracles: Oracles = ALL,
        policies: Policies = policies_for,
        campaign: Campaign | None = None,
        only: str | None = None,
        corpus: Corpus | None = None,
        shrink: int = SHRINK_STEPS,
    ) -> None:
        self.best: Outcome | None = None
        self.campaign = campaign or Campaign(kernel.name, 0)
        self.target = Target(kernel)
        self._kernel = kernel
        self._oracles = oracles
        self._policies = policies
        self._only = only
        self._corpus = corpus
        self._novelty = Novelty()
        self._failing: set[tuple[Scenario, int]] = set()
        self._shrink = shrink
        self._shrink_left = 0

    @property
    def has_shrunk(self) -> bool:
        """Whether Hypothesis has shrunk long enough: no further example will fail."""
        return self.best is not None and self._shrink_left <= 0

    def example(self, scenario: Scenario, schedules: int) -> None:
        """Try one program. Raises the verdict, or the problem, that was found."""
        if self.has_shrunk and (scenario, schedules) not in self._failing:
            return  # what has not been tried yet counts as passing
        campaign = self.campaign
        # While shrinking, the programs are variations of one that was checked.
        if self.best is None and (
            campaign.examples < ALWAYS_CHECKED or campaign.examples % CHECKED_EVERY == 0
        ):
            # A kernel that cannot be replayed would be called clean, or blamed for nothing.
            check_determinism(self._kernel, scenario, RandomWalk(schedules), oracles=self._oracles)
        tally = Tally()
        found = self._try(scenario, schedules, tally)
        campaign.schedules += tally.schedules
        campaign.steps += tally.steps
        self._shrink_left -= tally.steps
        campaign.undecided += tally.undecided
        if self.best is None:
            campaign.examples += 1
            for cpu in scenario.cpus:
                campaign.operations.update(kind_of(op) for op in cpu.program)
        if found is not None:
            self._found(scenario, schedules, found)
        elif self.best is None and self.target.is_hit:
            campaign.claim.add(tally.missed)  # what misses runs the reference

    def _try(self, scenario: Scenario, schedules: int, tally: Tally) -> Found | None:
        most = 1 + MOST
        self.target.begin()
        if self._corpus is None or self.best is not None:
            if (scenario, schedules) in self._failing:
                # What has failed once must be found to fail again, whatever it enters.
                count = SCHEDULES if self._corpus is None else most
                return self._under(self._policies(schedules, count, tally), scenario, tally)
            some = self._policies(schedules, SCHEDULES, tally)
            return self._under(self._worthwhile(some, SCHEDULES), scenario, tally)
        policies = iter(self._policies(schedules, most, tally))
        meetings = Meetings()
        found = self._under(islice(policies, 1), scenario, tally, [lambda: meetings])
        if found is not None:
            return found
        fresh = self._novelty.note(meetings)
        if fresh and scenario.operations <= SMALL and self.target.is_hit:
            self._corpus.add(scenario)
        tries = (IF_NEW if fresh else AFTERWARDS) // (tally.steps + BESIDES)
        tries = max(LEAST, min(tries, MOST))
        return self._under(self._worthwhile(policies, tries), scenario, tally)

    def _worthwhile(self, policies: Iterable[Policy], tries: int) -> Iterator[Policy]:
        """So many of ``policies``, or only a few if no run enters what the kernel swaps."""
        for number, policy in enumerate(islice(policies, tries)):
            if number == MISSES and not self.target.is_hit:
                return
            yield policy

    def _under(
        self, policies: Iterable[Policy], scenario: Scenario, tally: Tally, also: Oracles = ()
    ) -> Found | None:
        return find_failure(
            self.target.kernel, scenario, policies, oracles=(*self._oracles, *also), tally=tally
        )

    def _found(self, scenario: Scenario, schedules: int, found: Found) -> None:
        if isinstance(found.failure, Problem):
            raise found.failure
        if self._only is not None and getattr(found.failure, "kind", None) != self._only:
            return
        outcome = record(self._kernel, scenario, found.policy, oracles=self._oracles)
        if outcome.problem is not None:
            raise outcome.problem
        self._shrink_left -= 2 * outcome.steps  # it was written down, and followed once
        self._failing.add((scenario, schedules))
        if self.best is None:
            self._only = outcome.kind
            self.campaign.first_schedules = self.campaign.schedules
            self.campaign.first_seconds = self.campaign.elapsed()
            self._shrink_left = self._shrink
        if self.best is None or size(outcome) < size(self.best):
            self.best = outcome
        raise found.failure
