"""frontrun's search for the first failure of a plain program. Importing this needs frontrun."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import frontrun

from benchmarks.peers.ports import Tasks, on_asyncio, tasks_of
from benchmarks.program import Setup
from benchmarks.subjects.first_failure import Hunted

MODES = ("frontrun random", "frontrun dpor")

LONGEST = 1_000
"""Scheduling points of a run at most, for its random mode."""


def hunt(mode: str, setup: Setup, seed: int, budget: int, seconds: float) -> Hunted:
    """Search under ``mode`` until the first failure, ``budget`` schedules or ``seconds``.

    Its systematic mode knows no seeds, and keeps its default bound of two preemptions.
    """
    with on_asyncio():
        workers = [_worker(number) for number in range(len(tasks_of(setup).programs))]
        how: dict[str, Any] = (
            {"strategy": "dpor", "max_executions": budget, "reproduce_on_failure": 0}
            if mode == "frontrun dpor"
            else {
                "strategy": "random",
                "max_attempts": budget,
                "max_ops": LONGEST,
                "seed": seed,
            }
        )

        async def search() -> Any:
            return await frontrun.explore(
                setup=lambda: tasks_of(setup),
                workers=workers,
                invariant=lambda _: True,
                detect_io=False,
                total_timeout=seconds,
                **how,
            )

        begin = time.perf_counter()
        result = asyncio.run(search())
        took = time.perf_counter() - begin
    return Hunted(result.num_explored, took, result.property_holds is False)


def _worker(number: int) -> Callable[[Tasks], Awaitable[None]]:
    async def work(tasks: Tasks) -> None:
        await tasks.programs[number]()

    return work
