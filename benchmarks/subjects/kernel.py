"""The reference kernel with all oracles on, or another one with some."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from benchmarks.errors import Unusable
from benchmarks.measure import Batch, Facts
from benchmarks.scenarios import ALL
from benchmarks.subjects.switches import Switches
from fuzzcopy.kernel import Kernel
from fuzzcopy.oracles import ALL as ORACLES
from fuzzcopy.runner import Tally, execute, find_failure, policies_for
from fuzzcopy.runner.runner import Oracles
from fuzzcopy.sched import Driver, Pct, Policy, RandomWalk, drive
from fuzzcopy.world import Plan

TOGETHER = 12
"""Schedules per program, inside one ``trio.run``: as many as ``fuzzcopy fuzz`` tries."""

Policies = Callable[[int, int, Tally], Iterator[Policy]]
"""From a seed, a count and what was seen of the program so far, that many policies."""


def random_walk(seed: int, count: int, _tally: Tally) -> Iterator[Policy]:
    """Random walk alone."""
    for number in range(count):
        yield RandomWalk(seed * count + number)


def pct(seed: int, count: int, tally: Tally) -> Iterator[Policy]:
    """PCT alone, of depth 1, 2 and 3 in turn."""
    for number in range(count):
        yield Pct(seed * count + number, depth=1 + number % 3, steps=tally.contested or 200)


class KernelSubject:
    """The fixed scenarios in turn, each under ``TOGETHER`` schedules at a time."""

    def __init__(
        self,
        name: str,
        policies: Policies = policies_for,
        *,
        kernel: type[Kernel] = Kernel,
        oracles: Oracles = ORACLES,
    ) -> None:
        self.name = name
        self._kernel = kernel
        self._policies = policies
        self._oracles = oracles
        self._seed = 0

    def batch(self) -> Batch:
        """Every scenario once."""
        schedules = steps = 0
        self._seed += 1
        for name, scenario in ALL.items():
            tally = Tally()
            found = find_failure(
                self._kernel,
                scenario,
                self._policies(self._seed, TOGETHER, tally),
                oracles=self._oracles,
                tally=tally,
            )
            if found is not None:
                raise Unusable(
                    f"the {self._kernel.name} kernel fails in scenario {name} under {self.name} "
                    f"with seed {self._seed}: {found}"
                )
            schedules += tally.schedules
            steps += tally.steps
        return Batch(schedules, steps)

    def facts(self) -> Facts:
        """Ten batches, traced."""
        switches = Switches()
        total = Tally()

        async def each(driver: Driver) -> None:
            for seed in range(10):
                for plan in plans:
                    tally = Tally()
                    for policy in self._policies(seed, TOGETHER, tally):
                        switches.begin()
                        scheduler = await execute(
                            driver,
                            self._kernel,
                            plan,
                            policy,
                            oracles=self._oracles,
                            watchers=[switches],
                        )
                        tally.add(scheduler, policy)
                        total.add(scheduler, policy)

        plans = [Plan(scenario) for scenario in ALL.values()]
        drive(each)
        return Facts(
            tasks=max(len(scenario.cpus) for scenario in ALL.values()),
            points=total.contested,
            steps=total.steps / total.schedules,
            switches=switches.count / total.schedules,
            together=TOGETHER,
        )
