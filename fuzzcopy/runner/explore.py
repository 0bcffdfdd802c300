"""Exploring one program on a kernel: all its schedules instead of some."""

from __future__ import annotations

from collections.abc import Callable

from fuzzcopy.kernel import Kernel
from fuzzcopy.oracles import ALL
from fuzzcopy.runner.footprint import KernelFootprint
from fuzzcopy.runner.runner import Oracles, execute
from fuzzcopy.scenario import Scenario
from fuzzcopy.sched import Driver, Policy, Scheduler
from fuzzcopy.sched.exploration import Explored, Explorer, lead
from fuzzcopy.world import Plan

MAX_SCHEDULES = 20_000


def explore(
    kernel: type[Kernel],
    scenario: Scenario,
    *,
    preemptions: int | None = None,
    reduction: bool = True,
    max_schedules: int = MAX_SCHEDULES,
    first: bool = False,
    kind: str | None = None,
    oracles: Oracles = ALL,
    on_end: Callable[[Scheduler], None] | None = None,
) -> Explored:
    """Run ``scenario``'s programs under every schedule that can make a difference.

    Its own schedule plays no part; spontaneous events happen as often as its fault plan allows.
    ``preemptions`` bounds how often a CPU is taken from a program that could go on; ``first`` stops
    at the first verdict (of that ``kind``); ``reduction=False`` runs all schedules, however alike.
    """
    plan = Plan(scenario)
    explorer = Explorer(
        preemptions=preemptions, reduction=reduction, footprint=KernelFootprint(scenario)
    )

    async def run(driver: Driver, policy: Policy) -> Scheduler:
        return await execute(
            driver, kernel, plan, policy, oracles=oracles, watchers=explorer.watchers
        )

    return lead(explorer, run, max_schedules=max_schedules, first=first, kind=kind, on_end=on_end)
