"""detangle's search for the first failure of a plain program. Importing this needs detangle."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

import detangle
from detangle.strategies import LaneLike, make_strategy

from benchmarks.peers.ports import on_asyncio, tasks_of
from benchmarks.program import Setup
from benchmarks.subjects.first_failure import Hunted

MODES = {
    "detangle random": "random",
    "detangle pct 2": "pct:2",
    "detangle pct 3": "pct:3",
    "detangle auto": "auto",
    "detangle dfs": "dfs:3",
}
"""Its modes. It has no partial-order reduction: its systematic search bounds delays."""


def hunt(mode: str, setup: Setup, seed: int, budget: int, seconds: float) -> Hunted:
    """Search under ``mode`` until the first failure, ``budget`` schedules or ``seconds``."""

    async def program() -> None:
        await asyncio.gather(*[each() for each in tasks_of(setup).programs])

    watched = _Watched(make_strategy(MODES[mode], seed))
    begin = time.perf_counter()
    found = False
    with on_asyncio():
        try:
            detangle.explore(
                program,
                runs=budget,
                strategy=watched,
                shrink=False,
                database=False,
                max_duration=seconds,
            )
        except detangle.BugFound:
            found = True
    return Hunted(watched.runs, watched.last - begin, found)


class _Watched(detangle.Strategy):
    """Counts the runs, and notes when the last one ended: what follows a failure is not search."""

    def __init__(self, within: detangle.Strategy) -> None:
        self._within = within
        self.runs = 0
        self.last = 0.0

    def start(self, run_index: int) -> None:
        self._within.start(run_index)

    def schedule(self, lanes: Sequence[LaneLike]) -> int:
        return self._within.schedule(lanes)

    def choose(self, n: int, kind: str) -> int:
        return self._within.choose(n, kind)

    def flip(self, p: float, kind: str) -> bool:
        return self._within.flip(p, kind)

    def finish(self, decisions: Sequence[detangle.Decision], failed: bool) -> None:
        self._within.finish(decisions, failed)
        self.runs += 1
        self.last = time.perf_counter()

    @property
    def exhausted(self) -> bool:
        return self._within.exhausted

    def describe(self) -> str:
        return self._within.describe()
