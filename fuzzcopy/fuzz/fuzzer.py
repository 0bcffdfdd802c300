"""A campaign: Hypothesis generates programs, each is tried under several schedules."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from random import Random
from typing import Literal

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis import strategies as st

from fuzzcopy.fuzz.campaign import Campaign
from fuzzcopy.fuzz.corpus import Corpus
from fuzzcopy.fuzz.predictions import Predictions
from fuzzcopy.fuzz.reduce import reduce, size
from fuzzcopy.fuzz.search import Policies, Search
from fuzzcopy.kernel import Kernel
from fuzzcopy.oracles import ALL
from fuzzcopy.runner import Outcome, minimise, policies_for
from fuzzcopy.runner.runner import Oracles
from fuzzcopy.scenario import Scenario, kind_of
from fuzzcopy.sched import Problem, Verdict, ctrl_c
from fuzzcopy.strategies import KINDS, alike, scenarios, variations

More = Callable[[Sequence[Scenario]], st.SearchStrategy[Scenario]]
"""From programs that were worth keeping to others."""

ROUND = 12
"""Examples per call of Hypothesis: between rounds the clock is looked at.

Hypothesis makes the first ten afresh, and from the eleventh on five variations of each fresh one,
by copying one part over another. That makes few themes of many, and CPUs that all do the same.
"""

Source = Literal["fresh", "like", "varied"]
"""Where the programs of a round come from: nothing; the same themes as programs that entered what
the kernel swaps; variations of programs that showed something new."""

ROUNDS: tuple[Source, ...] = ("fresh", "like", "varied", "like", "like", "varied")
"""The rounds of a campaign, over and over. Where nothing is known to be like, they are fresh.

Variations find much, but not everything. Fresh programs hardly ever find what is rare; they are
where the others come from.
"""

_SMALLER = ((1, 1, 5), (1, 2, 5), (2, 1, 3), (2, 2, 4))
"""Sizes to look at once more after reducing, with the kinds of operation that were left over: CPUs,
operations each, and how many rounds."""


class _OutOfTime(BaseException):
    """Ends a round from inside an example."""


class _Shrunk(BaseException):
    """Ends a round: Hypothesis would go on, and to draw an example takes longer than a schedule."""


class _Stopped(BaseException):
    """Ends a round at a problem: Hypothesis would want to see it again, and shrink it."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem


class _Confirmed(BaseException):
    """Ends a round: what was predicted in it does hang, or something else did on the way.

    Hypothesis could not find it again.
    """

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome


class Fuzzer:
    """Runs a campaign on ``kernel``; ``strategy`` draws the scenarios.

    Those that show something new go into ``corpus``, and ``vary`` makes variations of them; for
    those that enter what the kernel swaps, ``like`` makes others about the same. With a strategy of
    one's own there is nothing of that unless ``vary`` and ``like`` say how.
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
        vary: More | None = None,
        like: More | None = None,
        on_progress: Callable[[Campaign], None] | None = None,
    ) -> None:
        self.campaign = Campaign(kernel.name, seed)
        self._vary = variations if vary is None and strategy is None else vary
        self._like = alike if like is None and strategy is None else like
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
        campaign.never_entered = self._search.target.never()
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
            for cpus, operations, rounds in _SMALLER:
                if (cpus, cpus * operations) < size(best)[:2]:
                    strategy = scenarios(cpus=cpus, operations=operations, kinds=left)
                    best = self._look_for(best, strategy, rounds)
        except KeyboardInterrupt:
            self.campaign.interrupted = True
        return best

    def _look_for(
        self, best: Outcome, strategy: st.SearchStrategy[Scenario], rounds: int
    ) -> Outcome:
        """The same verdict from ``strategy``, reduced, if that is smaller than ``best``."""
        # What is found is small already: the reducer does the rest in less time.
        search = Search(
            self._kernel, oracles=self._oracles, policies=self._policies, only=best.kind, shrink=0
        )
        for number in range(rounds):
            self._hypothesis(search, strategy, number, ROUND)
            if search.best is not None:
                break
        self.campaign.schedules += search.campaign.schedules
        if search.best is None:
            return best
        other = reduce(self._kernel, search.best, oracles=self._oracles)
        return min(best, other, key=size)

    def _round(self, number: int, examples: int) -> None:
        def before() -> None:
            if time.monotonic() > self._deadline:
                raise _OutOfTime
            if self._on_progress is not None:
                self._on_progress(self.campaign)

        more = self._more(ROUNDS[number % len(ROUNDS)], Random(self._seed(number)))
        strategy = self._strategy if more is None else more

        def after(scenario: Scenario) -> None:
            if self._search.best is None:
                if more is None:
                    # What is made of others would make its own kind ever more frequent.
                    self._search.target.keep(scenario)
                self._predict()

        try:
            self._hypothesis(self._search, strategy, number, examples, before, after)
        except Problem as problem:
            self.campaign.problem = problem

    def _seed(self, number: int) -> int:
        return self.campaign.seed * 1_000_003 + number

    def _more(self, source: Source, random: Random) -> st.SearchStrategy[Scenario] | None:
        match source:
            case "like":
                more, sample = self._like, self._search.target.sample
            case "varied":
                more, sample = self._vary, self._corpus.sample
            case "fresh":
                return None
        # The same ones for the whole round, so that Hypothesis finds again what it has drawn.
        kept = [] if more is None else sample(random)
        return more(kept) if more is not None and kept else None

    def _predict(self, *, at_length: bool = False) -> None:
        campaign = self.campaign
        before = self._predictions.schedules
        share = None if at_length else campaign.schedules - before
        confirmed = self._predictions.try_new(share)
        campaign.schedules += self._predictions.schedules - before
        if confirmed is not None:
            assert confirmed.failure is not None
            campaign.first_schedules = campaign.schedules
            campaign.first_seconds = campaign.elapsed()
            raise _Confirmed(confirmed.failure)

    def _hypothesis(
        self,
        search: Search,
        strategy: st.SearchStrategy[Scenario],
        number: int,
        examples: int,
        before: Callable[[], None] = lambda: None,
        after: Callable[[Scenario], None] = lambda _: None,
    ) -> None:
        """One round: let Hypothesis draw and shrink; what it finds is in ``search.best``."""
        # Every call of Hypothesis begins with the simplest example that there is.
        known = number > 0

        @seed(self._seed(number))
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
            nonlocal known
            ctrl_c.check()
            if search.has_shrunk:
                raise _Shrunk
            before()
            if known:
                known = False
                return
            try:
                search.example(scenario, schedules)
            except Problem as problem:
                raise _Stopped(problem) from None
            after(scenario)

        try:
            with suppress(Verdict, _Shrunk):
                each()
        except _Stopped as stopped:
            raise stopped.problem from None
