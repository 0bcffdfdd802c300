"""detangle, a controlled scheduler for asyncio, on a bare program of as many steps.

Importing this needs detangle, which nothing else here does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import detangle
from detangle.strategies import LaneLike, make_strategy

from benchmarks.errors import Unusable
from benchmarks.measure import Batch, Facts

TOGETHER = 50
"""Schedules per call of ``detangle.explore``; it starts a loop of its own for each."""

VERSION = detangle.__version__


class DetangleSubject:
    """``tasks`` tasks of ``points`` points each, under detangle's ``strategy``.

    ``auto`` is its default: a portfolio of asyncio's own order, PCT and random walk.
    """

    def __init__(self, strategy: str, *, tasks: int, points: int) -> None:
        self.name = f"detangle_{strategy.replace(':', '')}"
        self._strategy = strategy
        self._tasks = tasks
        self._points = points
        self._seed = 0

    async def _program(self) -> None:
        async def work() -> None:
            for _ in range(self._points):
                await asyncio.sleep(0)

        await asyncio.gather(*[work() for _ in range(self._tasks)])

    def _explore(self, strategy: detangle.Strategy) -> detangle.ExploreStats:
        return detangle.explore(self._program, runs=TOGETHER, strategy=strategy, database=False)

    def batch(self) -> Batch:
        """``TOGETHER`` schedules."""
        self._seed += 1
        stats = self._explore(make_strategy(self._strategy, self._seed))
        if stats.runs != TOGETHER:
            raise Unusable(f"detangle ran {stats.runs} schedules of {TOGETHER}: is DETANGLE_* set?")
        return Batch(stats.runs, stats.total_steps)

    def facts(self) -> Facts:
        """``TOGETHER`` schedules, with each decision watched."""
        watch = _Watched(make_strategy(self._strategy, 0))
        stats = self._explore(watch)
        return Facts(
            tasks=self._tasks,
            points=watch.points,
            steps=stats.total_steps / stats.runs,
            switches=watch.switches / stats.runs,
            together=1,
        )


class _Watched(detangle.Strategy):
    """Counts how often the strategy within changes from one task to another."""

    def __init__(self, within: detangle.Strategy) -> None:
        self._within = within
        self._asked = 0
        self._last = 0
        self.points = 0
        self.switches = 0

    def start(self, run_index: int) -> None:
        self._asked = 0
        self._last = 0
        self._within.start(run_index)

    def schedule(self, lanes: Sequence[LaneLike]) -> int:
        choice = self._within.schedule(lanes)
        self._asked += 1
        self.points = max(self.points, self._asked)
        if lanes[choice].id != self._last:
            self.switches += 1
            self._last = lanes[choice].id
        return choice

    def choose(self, n: int, kind: str) -> int:
        return self._within.choose(n, kind)

    def flip(self, p: float, kind: str) -> bool:
        return self._within.flip(p, kind)

    def finish(self, decisions: Sequence[detangle.Decision], failed: bool) -> None:
        self._within.finish(decisions, failed)
