"""Kernel threads that run beside the programs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from fuzzcopy.machine import Cpu

if TYPE_CHECKING:
    from fuzzcopy.world.world import World

Round = Callable[[Cpu], Awaitable[object]]


class Actors:
    """Spawns the scenario's kernel threads, each on a CPU of its own that runs no address space.

    A thread does as many rounds as the scenario says, whenever the schedule lets it, and ends.
    What wakes it is time, or memory pressure from elsewhere, and when that is nobody can tell.
    """

    def __init__(self, world: World) -> None:
        kernel = world.kernel
        rounds = world.plan.scenario.actors.rounds()
        work: dict[str, Round] = {
            "flusher": kernel.writeback.flush,
            "kswapd": kernel.reclaim.balance,
        }
        programs = len(world.plan.scenario.cpus)
        for cpu, (name, count) in zip(world.machine.cpus[programs:], rounds.items(), strict=True):
            cpu.task = world.scheduler.spawn(self._thread, cpu, work[name], count, name=name)

    async def _thread(self, cpu: Cpu, work: Round, count: int) -> None:
        for _ in range(count):
            await work(cpu)
