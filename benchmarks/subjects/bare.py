"""``fuzzcopy.sched`` alone: tasks that do nothing but pass preemption points."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.measure import Batch, Facts
from benchmarks.subjects.switches import Switches
from fuzzcopy.sched import Pct, Policy, RandomWalk, Scheduler, run, run_many

TOGETHER = 50
"""Schedules inside one ``trio.run``."""


class BareSubject:
    """``tasks`` tasks of ``points`` points each, under ``policy(seed)``."""

    def __init__(
        self, name: str, policy: Callable[[int], Policy], *, tasks: int, points: int
    ) -> None:
        self.name = name
        self._policy = policy
        self._tasks = tasks
        self._points = points
        self._seed = 0

    def _program(self, scheduler: Scheduler) -> None:
        async def work() -> None:
            for _ in range(self._points):
                await scheduler.point("work")

        for _ in range(self._tasks):
            scheduler.spawn(work)

    def batch(self) -> Batch:
        """``TOGETHER`` schedules."""
        first = self._seed
        self._seed += TOGETHER
        done = run_many(self._program, map(self._policy, range(first, self._seed)))
        return Batch(len(done), sum(scheduler.steps for scheduler in done))

    def facts(self) -> Facts:
        """``TOGETHER`` schedules, traced."""
        switches = Switches()
        done = []
        for seed in range(TOGETHER):
            switches.begin()
            done.append(run(self._program, self._policy(seed), watchers=[switches]))
        return Facts(
            tasks=self._tasks,
            points=max(scheduler.contested() for scheduler in done),
            steps=sum(scheduler.steps for scheduler in done) / TOGETHER,
            switches=switches.count / TOGETHER,
            together=TOGETHER,
        )


def bare_random_walk(*, tasks: int, points: int) -> BareSubject:
    """Under random walk."""
    return BareSubject("sched_random_walk", RandomWalk, tasks=tasks, points=points)


def bare_pct(*, tasks: int, points: int) -> BareSubject:
    """Under PCT, of depth 1, 2 and 3 in turn."""

    def policy(seed: int) -> Policy:
        return Pct(seed, depth=1 + seed % 3, steps=tasks * points)

    return BareSubject("sched_pct", policy, tasks=tasks, points=points)
