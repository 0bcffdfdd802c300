"""A campaign: Hypothesis generates programs, each is tried under several schedules."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from random import Random

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis import strategies as st

from fuzzcopy.fuzz.claim import Claim
from fuzzcopy.fuzz.confirm import Confirmation
from fuzzcopy.fuzz.corpus import Corpus
from fuzzcopy.fuzz.meetings import Meetings, Novelty
from fuzzcopy.fuzz.predictions import Predictions
from fuzzcopy.fuzz.reduce import reduce, size
from fuzzcopy.kernel import Kernel
from fuzzcopy.oracles import ALL
from fuzzcopy.runner import (
    Found,
    Minimal,
    Outcome,
    Tally,
    check_determinism,
    find_failure,
    minimise,
    policies_for,
    record,
)
from fuzzcopy.runner.runner import Oracles
from fuzzcopy.scenario import Scenario, kind_of
from fuzzcopy.sched import Policy, Problem, RandomWalk, Verdict, ctrl_c
from fuzzcopy.strategies import KINDS, scenarios, variations

Policies = Callable[[int, int, Tally], Iterable[Policy]]
"""From a seed, how many, and what the program's runs were like so far, to policies to try."""

Vary = Callable[[Sequence[Scenario]], st.SearchStrategy[Scenario]]
"""From programs that were worth keeping to variations of them."""

SCHEDULES = 12
"""How many schedules a program is tried under."""

AFTERWARDS, IF_NEW = 6, 14
"""A campaign looks closely at one of the first two schedules of a program: which accesses of
different CPUs met? Then it tries so many more, or, if any of these meetings was new, so many."""

ALWAYS_CHECKED = 10
CHECKED_EVERY = 100
"""The first programs, and one in so many, are also checked for determinism."""

SMALL = 5
"""Only programs of so few operations are kept to be varied: in a large one much else happens."""

ROUND = 12
"""Examples per call of Hypothesis: between rounds the clock is looked at.

Hypothesis makes the first ten afresh, and from the eleventh on five variations of each fresh one,
by copying one part over another. That makes few themes of many, and CPUs that all do the same.
"""

SHRINK_EXAMPLES = 60
"""How many examples Hypothesis may shrink with before the reducer takes over. Not a time: the same
seed must be the same search on a slow machine."""

_SMALLER = ((1, 1, 40), (1, 2, 40), (2, 1, 40), (2, 2, 60))
"""Sizes to look at once more after reducing, with the kinds of operation that were left over: CPUs,
operations each, and how many examples, without hazards and then with them."""


@dataclass(slots=True)
class Campaign:
    """What a campaign did. ``outcome`` is the reduced failure, ``problem`` why it stopped.

    ``minimal`` says whether the failure's preemptions were shown to be the fewest.
    ``first_schedules`` and ``first_seconds`` say when the first failure was met, before shrinking.
    ``predictions`` are the contradictions among lock orders, with what came of trying them.
    ``claim`` is what a campaign that found nothing may say.
    """

    kernel: str
    seed: int
    examples: int = 0
    schedules: int = 0
    steps: int = 0
    undecided: int = 0
    seconds: float = 0.0
    first_schedules: int | None = None
    first_seconds: float | None = None
    interrupted: bool = False
    outcome: Outcome | None = None
    minimal: Minimal = None
    predictions: Sequence[Confirmation] = ()
    problem: Problem | None = None
    operations: Counter[str] = field(default_factory=Counter)
    claim: Claim = field(default_factory=Claim)
    begun: float = field(default_factory=time.monotonic)

    def elapsed(self) -> float:
        """Seconds since the campaign began."""
        return time.monotonic() - self.begun


class _OutOfTime(BaseException):
    """Ends a round from inside an example."""


class _Confirmed(BaseException):
    """Ends a round: what was predicted in it does hang. Hypothesis could not find it again."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome


class Fuzzer:
    """Runs a campaign on ``kernel``; ``strategy`` draws the scenarios.

    What is worth keeping of them goes into ``corpus``, and ``vary`` makes more out of that. With a
    strategy of one's own nothing is varied unless ``vary`` says how.
    """

    def __init__(
        self,
        kernel: type[Kernel],
        *,
        seed: int = 0,
        strategy: st.SearchStrategy[Scenario] | None = None,
        oracles: Oracles = ALL,
        policies: Policies = policies_for,
        corpus: Corpus | None = None,
        vary: Vary | None = None,
        on_progress: Callable[[Campaign], None] | None = None,
    ) -> None:
        self.campaign = Campaign(kernel.name, seed)
        self._vary = variations if vary is None and strategy is None else vary
        self._corpus = Corpus() if corpus is None else corpus
        self._kernel = kernel
        self._strategy = scenarios() if strategy is None else strategy
        self._oracles = oracles
        self._on_progress = on_progress
        self._policies = policies
        self._predictions = Predictions(kernel, oracles=oracles)
        self.campaign.predictions = self._predictions.done
        self._search = Search(
            kernel,
            oracles=(*oracles, self._predictions.watch),
            policies=policies,
            campaign=self.campaign,
            corpus=self._corpus,
        )
        self._deadline = float("inf")

    def run(self, *, examples: int, max_time: float | None = None) -> Campaign:
        """Try up to ``examples`` programs for at most ``max_time`` seconds, until one fails.

        Ctrl-C ends the campaign early; what was found until then is still reduced and reported.
        """
        campaign = self.campaign
        if max_time is not None:
            self._deadline = campaign.begun + max_time
        with ctrl_c.held():
            self._search_and_reduce(examples)
            try:
                ctrl_c.check()
            except KeyboardInterrupt:
                campaign.interrupted = True
        campaign.seconds = campaign.elapsed()
        return campaign

    def _search_and_reduce(self, examples: int) -> None:
        campaign = self.campaign
        try:
            number = 0
            while campaign.examples < examples and time.monotonic() < self._deadline:
                # But for the first one, a round begins with an example that is left out.
                self._round(number, min(ROUND, examples - campaign.examples + bool(number)))
                number += 1
                if self._search.best is not None or campaign.problem is not None:
                    break
            else:
                if time.monotonic() < self._deadline:
                    self._predict(at_length=True)
        except _Confirmed as confirmed:
            self._search.best = confirmed.outcome
        except (_OutOfTime, KeyboardInterrupt) as stop:
            campaign.interrupted = isinstance(stop, KeyboardInterrupt)
        if self._search.best is not None:
            try:
                campaign.outcome = self._smallest(self._search.best)
                with suppress(KeyboardInterrupt):
                    campaign.outcome, campaign.minimal = minimise(
                        self._kernel, campaign.outcome, oracles=self._oracles
                    )
            except Problem as problem:
                # Caught only now not to be deterministic: what was found means nothing either.
                campaign.problem, campaign.outcome = problem, None

    def _smallest(self, found: Outcome) -> Outcome:
        """Reduce what was found; then look whether smaller programs fail like that, too.

        Leaving things out cannot turn one way of failing into another, smaller one.
        """
        best = found
        try:
            best = reduce(self._kernel, found, oracles=self._oracles)
            kinds = {kind_of(op) for cpu in best.scenario.cpus for op in cpu.program}
            left = [kind for kind in KINDS if kind in kinds]
            for cpus, operations, examples in _SMALLER:
                for hazards in (False, True):
                    have = len(best.scenario.cpus), best.scenario.operations, best.preemptions
                    if (cpus, cpus * operations, 0) >= have:
                        break
                    strategy = scenarios(
                        cpus=cpus, operations=operations, kinds=left, hazards=hazards
                    )
                    other = self._look_for(str(best.kind), strategy, examples)
                    if other is not None:
                        other = reduce(self._kernel, other, oracles=self._oracles)
                        best = min(best, other, key=size)
        except KeyboardInterrupt:
            self.campaign.interrupted = True
        return best

    def _look_for(
        self, kind: str, strategy: st.SearchStrategy[Scenario], examples: int
    ) -> Outcome | None:
        search = Search(self._kernel, oracles=self._oracles, policies=self._policies, only=kind)
        self._hypothesis(search, strategy, self.campaign.seed, examples)
        self.campaign.schedules += search.campaign.schedules
        return search.best

    def _round(self, number: int, examples: int) -> None:
        first = number > 0

        def between(search: Search) -> bool:
            nonlocal first
            # Every call of Hypothesis begins with the simplest example that there is.
            known, first = first, False
            if time.monotonic() > self._deadline:
                raise _OutOfTime
            if self._on_progress is not None:
                self._on_progress(search.campaign)
            return not known

        seed_ = self.campaign.seed * 1_000_003 + number
        strategy = self._strategy
        # The same ones for the whole round, so that Hypothesis finds again what it has drawn.
        kept = self._corpus.sample(Random(seed_))
        if kept and self._vary is not None:
            strategy |= self._vary(kept)
        try:
            self._hypothesis(self._search, strategy, seed_, examples, between)
        except Problem as problem:
            self.campaign.problem = problem

    def _predict(self, *, at_length: bool = False) -> None:
        campaign = self.campaign
        before = self._predictions.schedules
        share = None if at_length else campaign.schedules - before
        confirmed = self._predictions.try_new(share)
        campaign.schedules += self._predictions.schedules - before
        if confirmed is not None:
            assert confirmed.outcome is not None
            campaign.first_schedules = campaign.schedules
            campaign.first_seconds = campaign.elapsed()
            raise _Confirmed(confirmed.outcome)

    def _hypothesis(
        self,
        search: Search,
        strategy: st.SearchStrategy[Scenario],
        seed_: int,
        examples: int,
        between: Callable[[Search], bool] = lambda _: True,
    ) -> None:
        """Let Hypothesis draw and shrink; what it finds is in ``search.best``."""

        @seed(seed_)
        @settings(
            max_examples=examples,
            database=None,
            deadline=None,
            derandomize=False,
            phases=[Phase.generate, Phase.shrink],
            report_multiple_bugs=False,
            verbosity=Verbosity.quiet,
            suppress_health_check=list(HealthCheck),
        )
        @given(strategy, st.integers(0, (1 << 32) - 1))
        def each(scenario: Scenario, schedules: int) -> None:
            ctrl_c.check()
            if not between(search):
                return
            search.example(scenario, schedules)
            if search is self._search and search.best is None:
                self._predict()

        with suppress(Verdict):
            each()


class Search:
    """What happens for each example: the program under several schedules.

    ``best`` is the smallest failure so far, with its explicit schedule. With ``only``, other
    verdicts than that are passed over. With a ``corpus``, programs in which accesses meet that
    have seldom met are kept there and tried under more schedules than others.
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
    ) -> None:
        self.best: Outcome | None = None
        self.campaign = campaign or Campaign(kernel.name, 0)
        self._kernel = kernel
        self._oracles = oracles
        self._policies = policies
        self._only = only
        self._corpus = corpus
        self._novelty = Novelty()
        self._failing: set[tuple[Scenario, int]] = set()
        self._shrink_left = 0

    def example(self, scenario: Scenario, schedules: int) -> None:
        """Try one program. Raises the verdict, or the problem, that was found."""
        if (
            self.best is not None
            and self._shrink_left <= 0
            and (scenario, schedules) not in self._failing
        ):
            # Hypothesis has shrunk long enough: what it has not tried yet counts as passing.
            return
        self._shrink_left -= 1
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
        campaign.undecided += tally.undecided
        if self.best is None:
            campaign.examples += 1
            for cpu in scenario.cpus:
                campaign.operations.update(kind_of(op) for op in cpu.program)
        if found is not None:
            self._found(scenario, schedules, found)
        elif self.best is None:
            campaign.claim.add(tally.missed)

    def _try(self, scenario: Scenario, schedules: int, tally: Tally) -> Found | None:
        most = max(2 + AFTERWARDS, 2 + IF_NEW, SCHEDULES)
        if self._corpus is None or self.best is not None:
            # What has failed once must be found to fail again.
            known = (scenario, schedules) in self._failing
            count = most if known and self._corpus is not None else SCHEDULES
            return self._under(self._policies(schedules, count, tally), scenario, tally)
        policies = iter(self._policies(schedules, most, tally))
        meetings = Meetings()
        found = self._under(islice(policies, 1), scenario, tally)
        found = found or self._under(islice(policies, 1), scenario, tally, [lambda: meetings])
        if found is not None:
            return found
        fresh = self._novelty.note(meetings)
        if fresh and scenario.operations <= SMALL:
            self._corpus.add(scenario)
        return self._under(islice(policies, IF_NEW if fresh else AFTERWARDS), scenario, tally)

    def _under(
        self, policies: Iterable[Policy], scenario: Scenario, tally: Tally, also: Oracles = ()
    ) -> Found | None:
        return find_failure(
            self._kernel, scenario, policies, oracles=(*self._oracles, *also), tally=tally
        )

    def _found(self, scenario: Scenario, schedules: int, found: Found) -> None:
        if isinstance(found.failure, Problem):
            raise found.failure
        if self._only is not None and getattr(found.failure, "kind", None) != self._only:
            return
        outcome = record(self._kernel, scenario, found.policy, oracles=self._oracles)
        if outcome.problem is not None:
            raise outcome.problem
        self._failing.add((scenario, schedules))
        if self.best is None:
            self._only = outcome.kind
            self.campaign.first_schedules = self.campaign.schedules
            self.campaign.first_seconds = self.campaign.elapsed()
            self._shrink_left = SHRINK_EXAMPLES
        if self.best is None or size(outcome) < size(self.best):
            self.best = outcome
        raise found.failure
