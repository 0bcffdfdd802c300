"""Exploring a plain async program."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from fuzzcopy.sched.driver import Driver, drive
from fuzzcopy.sched.errors import Verdict
from fuzzcopy.sched.exploration.explorer import Explorer
from fuzzcopy.sched.exploration.footprint import Footprint
from fuzzcopy.sched.exploration.script import Script
from fuzzcopy.sched.policies.policy import Policy
from fuzzcopy.sched.scheduler import Scheduler
from fuzzcopy.sched.watch import Bus, Watcher

End = Literal["exhausted", "bounded", "stopped"]


@dataclass(slots=True)
class Explored:
    """What an exploration came to.

    ``end`` is *exhausted*: every schedule was run, or one that is equivalent; *bounded*: every one
    with at most ``bound`` preemptions; *stopped*: neither, as the number of schedules was spent,
    the first failure was all that was wanted, or ``cut`` runs reached the step limit.
    ``failures`` has the first of each kind of verdict, with the schedule that leads to it.
    """

    end: End = "stopped"
    bound: int | None = None
    schedules: int = 0
    cut: int = 0
    problem: BaseException | None = None
    failures: dict[str, tuple[Verdict, Script]] = field(default_factory=dict)

    def __str__(self) -> str:
        match self.end:
            case "exhausted":
                return "exhausted"
            case "bounded":
                return f"bounded ({self.bound})"
        return f"stopped after {self.schedules:,}"

    def add(self, explorer: Explorer, failure: BaseException | None) -> None:
        """Count a run that ended in ``failure``."""
        self.schedules += 1
        self.cut = explorer.cut
        if isinstance(failure, Verdict):
            self.failures.setdefault(failure.kind, (failure, explorer.script()))

    def complete(self, explorer: Explorer) -> None:
        """There is no further path."""
        if not explorer.cut:
            self.end = "bounded" if explorer.skipped else "exhausted"


def explore(
    setup: Callable[[Scheduler], object],
    *,
    preemptions: int | None = None,
    reduction: bool = True,
    max_schedules: int = 10_000,
    max_steps: int = 5_000,
    first: bool = False,
    kind: str | None = None,
    footprint: Footprint | None = None,
    watchers: Sequence[Watcher] = (),
    on_end: Callable[[Scheduler], None] | None = None,
) -> Explored:
    """Run what ``setup(scheduler)`` spawns under every schedule that can make a difference.

    Shared state must be reached through accessors that are preemption points with a footprint
    (:class:`Cell`, locks, ``point(kind, obj, write=...)``), or be announced by
    :meth:`Scheduler.touch`: what happens behind the scheduler's back is not explored. With
    ``preemptions``, only schedules that take the turn at most so often from a task that could go
    on. ``reduction=False`` runs all schedules, however alike. ``first`` stops at the first
    verdict (of that ``kind``). ``footprint`` collects what a step touches; by default, an event
    counts as touching everything. ``on_end`` sees each scheduler after its run.
    """
    explorer = Explorer(preemptions=preemptions, reduction=reduction, footprint=footprint)

    async def run(driver: Driver, policy: Policy) -> Scheduler:
        bus = Bus([*explorer.watchers, *watchers])
        scheduler = Scheduler(policy, bus=bus, max_steps=max_steps)
        setup(scheduler)
        await driver.run(scheduler)
        return scheduler

    return lead(explorer, run, max_schedules=max_schedules, first=first, kind=kind, on_end=on_end)


def lead(
    explorer: Explorer,
    run: Callable[[Driver, Policy], Awaitable[Scheduler]],
    *,
    max_schedules: int,
    first: bool = False,
    kind: str | None = None,
    on_end: Callable[[Scheduler], None] | None = None,
) -> Explored:
    """Let ``explorer`` go its ways; ``run`` makes one run, with the explorer's watchers."""
    explored = Explored(bound=explorer.bound)

    async def each(driver: Driver) -> None:
        for policy in explorer.policies():
            if explored.schedules >= max_schedules:
                return
            scheduler = await run(driver, policy)
            if not explorer.ended(scheduler):
                continue
            explored.add(explorer, scheduler.failure)
            if on_end is not None:
                on_end(scheduler)
            if explorer.fatal(scheduler.failure):
                explored.problem = scheduler.failure
                return
            if first and (kind in explored.failures if kind else explored.failures):
                return
        explored.complete(explorer)

    drive(each)
    return explored
