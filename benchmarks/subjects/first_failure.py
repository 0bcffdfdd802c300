"""What is searched: a plain program, or the shrunk program of a bug."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path

from benchmarks import programs
from benchmarks.program import Program
from fuzzcopy.kernel import Kernel
from fuzzcopy.regression import Regression, kernel_of, load
from fuzzcopy.runner import Outcome, Tally, execute, with_schedule
from fuzzcopy.sched import Driver, Policy, Scheduler, drive
from fuzzcopy.sched.exploration import explore
from fuzzcopy.world import Plan

REGRESSIONS = Path(__file__).parents[2] / "regressions"

WITHOUT = 2_000
"""How many schedules without a preemption are run to see whether a plain program needs one."""


@dataclass(frozen=True, slots=True)
class Hunted:
    """How one search went: the schedules and seconds it took, and whether it found anything."""

    schedules: int
    seconds: float
    found: bool


class Subject:
    """``run`` makes one run under a policy. ``tasks`` is n; k is known once it was searched.

    ``program`` is there for a plain one, ``preemptions`` (of the shrunk failure) for a bug.
    """

    def __init__(
        self,
        name: str,
        tasks: int,
        run: Callable[[Driver, Policy], Awaitable[Scheduler]],
        *,
        program: Program | None = None,
        preemptions: int = 0,
    ) -> None:
        self.name = name
        self.tasks = tasks
        self.points = 0
        self.program = program
        self._preemptions = preemptions
        self._run = run

    @cached_property
    def needs_preemption(self) -> bool:
        """Whether no schedule without a preemption fails, as far as exploration shows."""
        if self.program is None:
            return self._preemptions > 0
        return not explore(
            self.program.buggy, preemptions=0, first=True, max_schedules=WITHOUT
        ).failures

    def hunt(self, policies: Iterator[Policy], tally: Tally, budget: int, seconds: float) -> Hunted:
        """Search until the first failure, or the end of ``policies``, ``budget`` or ``seconds``."""

        async def search(driver: Driver) -> Hunted:
            begin = time.perf_counter()
            found = False
            for policy in islice(policies, budget):
                found = tally.add(await self._run(driver, policy), policy)
                if found or time.perf_counter() > begin + seconds:
                    break
            return Hunted(tally.schedules, time.perf_counter() - begin, found)

        hunted = drive(search)
        self.points = max(self.points, tally.contested)
        return hunted


def _plain(name: str, program: Program) -> Subject:
    async def run(driver: Driver, policy: Policy) -> Scheduler:
        scheduler = Scheduler(policy)
        program.buggy(scheduler)
        await driver.run(scheduler)
        return scheduler

    return Subject(name, program.tasks, run, program=program)


def _bug(kernel: type[Kernel], regression: Regression) -> Subject:
    scenario = regression.scenario
    plan = Plan(with_schedule(scenario, ()))

    async def run(driver: Driver, policy: Policy) -> Scheduler:
        return await execute(driver, kernel, plan, policy)

    preemptions = Outcome(kernel.name, scenario, 0).preemptions
    return Subject(kernel.name, len(scenario.cpus), run, preemptions=preemptions)


def subjects() -> dict[str, Subject]:
    """Every subject by name, plain programs first."""
    found = {name: _plain(name, program) for name, program in programs.discover().items()}
    for path in sorted(REGRESSIONS.glob("*.json")):
        regression = load(path)
        if regression.expect == "fails":
            name = path.stem.rpartition("-")[0]
            found[name] = _bug(kernel_of(regression.kernel), regression)
    return found
