"""A campaign on the real kernel: Hypothesis draws programs, and shrinks the first difference."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Flaky

from fuzzcopy.fuzz.candidates import candidates
from fuzzcopy.host.compare import Difference
from fuzzcopy.host.executor import cannot_perform
from fuzzcopy.host.files import SETTINGS
from fuzzcopy.host.finding import HostFinding
from fuzzcopy.host.log import KernelLog
from fuzzcopy.host.lower import lower
from fuzzcopy.host.programs import mixed, programs
from fuzzcopy.host.reference import observe
from fuzzcopy.host.replay import RUNS, count
from fuzzcopy.host.scale import can_be_scaled
from fuzzcopy.host.target import Target, expectation
from fuzzcopy.scenario import Scenario
from fuzzcopy.sched import Driver, Problem, Verdict, ctrl_c, drive
from fuzzcopy.world import Plan

REMOUNT_EVERY = 250
"""After so many programs, file systems with a disk are mounted afresh and looked at."""

ROUND = 100
"""Programs are drawn so many at once, then mixed and run: one round of Hypothesis, one
``trio.run``."""

SHRINK_RUNS = 2_000
SHRINK_SECONDS = 60.0
"""A found program is shrunk with so many runs, and for so long, at most."""


@dataclass(slots=True)
class HostCampaign:
    """What a campaign did. ``finding`` is the shrunk difference, ``problem`` why it stopped."""

    seed: int
    programs: int = 0
    seconds: float = 0.0
    interrupted: bool = False
    finding: HostFinding | None = None
    problem: BaseException | None = None
    begun: float = field(default_factory=time.monotonic)

    def elapsed(self) -> float:
        """Seconds since the campaign began."""
        return time.monotonic() - self.begun


class _Different(Exception):
    """Tells Hypothesis that an example fails."""


class HostFuzzer:
    """Runs programs on each of ``targets`` until one differs from the model."""

    def __init__(
        self,
        targets: Sequence[Target],
        *,
        seed: int = 0,
        strategy: st.SearchStrategy[Scenario] | None = None,
        on_progress: Callable[[HostCampaign], None] | None = None,
    ) -> None:
        self.campaign = HostCampaign(seed)
        self._targets = targets
        names = [target.fs for target in targets]
        self._strategy = programs(fs=names) if strategy is None else strategy
        self._on_progress = on_progress
        self._deadline = float("inf")
        self._log = KernelLog()
        self._best: tuple[Target, Scenario, Difference] | None = None
        self._shrink_left = SHRINK_RUNS
        self._shrink_until = float("inf")

    def run(self, *, examples: int, max_time: float | None = None) -> HostCampaign:
        """Try up to ``examples`` programs for at most ``max_time`` seconds, until one differs.

        Ctrl-C ends it early; what was found until then is reported.
        """
        campaign = self.campaign
        if max_time is not None:
            self._deadline = campaign.begun + max_time
        with ctrl_c.held():
            self._search(examples)
            if self._best is not None:
                self._conclude()
        self._log.close()
        campaign.seconds = campaign.elapsed()
        return campaign

    def _search(self, examples: int) -> None:
        campaign = self.campaign
        number = 0
        try:
            while campaign.programs < examples and not self._out_of_time():
                left = examples - campaign.programs
                size = min(ROUND, left)
                drawn = self._draw(number, size)
                drive(partial(self._perform, drawn[:left]))
                if self._best is not None:
                    self._shrink(number, size)
                if self._best is not None or campaign.problem is not None:
                    break
                number += 1
        except KeyboardInterrupt:
            campaign.interrupted = True

    def _out_of_time(self) -> bool:
        return time.monotonic() > self._deadline

    def _draw(self, number: int, size: int) -> list[Scenario]:
        """The programs of a round, and what becomes of them when they are mixed."""
        drawn: list[Scenario] = []

        def each(scenario: Scenario) -> bool:
            if _can_be_run(scenario) and not self._out_of_time():
                drawn.append(scenario)
            return False

        self._hypothesis(number, size, [Phase.generate], each)
        return [*drawn, *mixed(drawn)]

    def _hypothesis(
        self, number: int, size: int, phases: list[Phase], differs: Callable[[Scenario], bool]
    ) -> None:
        """Ask ``differs`` about the programs of round ``number``: always the same ones."""

        @seed(self.campaign.seed * 1_000_003 + number)
        @settings(
            max_examples=size,
            database=None,
            deadline=None,
            derandomize=False,
            phases=phases,
            report_multiple_bugs=False,
            verbosity=Verbosity.quiet,
            suppress_health_check=list(HealthCheck),
        )
        @given(self._strategy)
        def one(scenario: Scenario) -> None:
            ctrl_c.check()
            if differs(scenario):
                raise _Different  # only here: raised elsewhere, it would be something else

        one()

    async def _perform(self, drawn: Sequence[Scenario], driver: Driver) -> None:
        """Run programs until one differs, all in one ``trio.run``."""
        campaign = self.campaign
        for scenario in drawn:
            ctrl_c.check()
            if self._out_of_time():
                return
            try:
                found = await self._program(driver, scenario)
            except (Problem, Verdict) as problem:
                campaign.problem = problem
                return
            campaign.programs += 1
            if self._on_progress is not None:
                self._on_progress(campaign)
            if found is not None:
                self._best = found[0], scenario, found[1]
                return

    async def _program(
        self, driver: Driver, scenario: Scenario
    ) -> tuple[Target, Difference] | None:
        """Run one program everywhere: where it differs first, and how."""
        plan = Plan(scenario)
        alone = len(scenario.cpus) == 1
        job = lower(plan, SETTINGS if alone else SETTINGS[:1])
        for target in self._targets:
            target.begin(job)
        try:
            # The model runs while the machine does.
            expected = await observe(driver, plan) if alone else None
        finally:
            came = [target.end() for target in self._targets]
        for target, seen in zip(self._targets, came, strict=True):
            found = await target.judge(driver, plan, expected, job, seen)
            if found is None and self.campaign.programs % REMOUNT_EVERY == REMOUNT_EVERY - 1:
                found = target.check_remounted()
            if found is None:
                found = self._from_the_log()
            if found is not None:
                return target, found
        return None

    def _from_the_log(self) -> Difference | None:
        """What the kernel itself complained about meanwhile; who caused it is not said there."""
        lines = self._log.complaints()
        if not lines:
            return None
        message = "the kernel says:\n" + "\n".join(lines)
        return Difference("kernel log", "kernel log", message, SETTINGS[0])

    def _shrink(self, number: int, size: int) -> None:
        """Draw round ``number`` again, and let Hypothesis shrink the program that differs.

        What was mixed is not drawn again: it only loses what can be left out of it.
        """
        assert self._best is not None
        found = self._best[1]
        again = False
        self._shrink_until = time.monotonic() + SHRINK_SECONDS

        def each(scenario: Scenario) -> bool:
            nonlocal again
            assert self._best is not None
            if not again:
                again = scenario == found
                return again
            if not _can_be_run(scenario):
                return False
            return self._smaller(scenario) if self._may_shrink() else scenario == self._best[1]

        # A difference that comes and goes is flaky to Hypothesis; how often it comes is said.
        with suppress(_Different, Flaky):
            self._hypothesis(number, size, [Phase.generate, Phase.shrink], each)

    def _may_shrink(self) -> bool:
        self._shrink_left -= 1
        return self._shrink_left > 0 and time.monotonic() < self._shrink_until

    def _smaller(self, scenario: Scenario) -> bool:
        """Whether ``scenario`` shows the same difference; then it is the best so far."""
        assert self._best is not None
        target, best, difference = self._best
        with suppress(Problem, Verdict):
            plan, expected = expectation(scenario)
            found = target.check(plan, expected, settings=_settings(difference))
            if found is not None and (found.kind, found.operation, found.unwritten) == (
                difference.kind,
                difference.operation,
                difference.unwritten,
            ):
                if _size(scenario) <= _size(best):
                    self._best = target, scenario, found
                return True
        return False

    def _conclude(self) -> None:
        """Leave out what Hypothesis could not, and count how often it is there."""
        assert self._best is not None
        with suppress(KeyboardInterrupt):
            while self._once():
                pass
        target, scenario, difference = self._best
        times = count(target, scenario, difference)
        self.campaign.finding = HostFinding.of(target.fs, scenario, difference, times, RUNS)

    def _once(self) -> bool:
        assert self._best is not None
        best = self._best[1]
        for candidate in candidates(best, warm=False):
            ctrl_c.check()
            if not self._may_shrink():
                return False
            if _can_be_run(candidate) and self._smaller(candidate) and self._best[1] != best:
                return True
        return False


def _can_be_run(scenario: Scenario) -> bool:
    return can_be_scaled(scenario) and cannot_perform(scenario) is None


def _settings(difference: Difference) -> Sequence[str]:
    return [difference.setting] if difference.setting in SETTINGS else SETTINGS


def _size(scenario: Scenario) -> tuple[int, int, int]:
    return len(scenario.cpus), scenario.operations, len(repr(scenario))
