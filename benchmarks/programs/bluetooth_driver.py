"""SCTBench bluetooth_driver: a device is stopped under a request. n = 2, k = 10, depth 2.

A request checks that the driver is not stopping and *then* counts itself as pending. Whoever
stops the driver in between sees nothing pending and frees what the request is about to use. The
correct twin counts itself first, checks then, and takes itself out of the count again if it came
too late. Published as n/k = 2/13, with the main thread being the request.
"""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.program import Async, Program
from fuzzcopy.sched import Cell, Scheduler


class Device:
    """The driver's shared state. ``pending`` counts the requests, and 1 for being started."""

    def __init__(self, scheduler: Scheduler) -> None:
        self.pending = Cell(scheduler, "pending", 1)
        self.stopping = Cell(scheduler, "stopping", False)
        self.idle = Cell(scheduler, "idle", False)
        self.freed = Cell(scheduler, "freed", False)

    async def leave(self) -> None:
        """One less is pending; the last one says so."""
        if await self.pending.update(lambda count: count - 1) == 1:
            await self.idle.set(True)


async def check_then_count(device: Device) -> bool:
    """Enter the driver; false if it is stopping."""
    if await device.stopping.get():
        return False
    await device.pending.update(lambda count: count + 1)
    return True


async def count_then_check(device: Device) -> bool:
    """Enter the driver; false if it is stopping."""
    await device.pending.update(lambda count: count + 1)
    if await device.stopping.get():
        await device.leave()
        return False
    return True


def start(scheduler: Scheduler, enter: Callable[[Device], Async[bool]]) -> None:
    """One request beside one stop."""
    device = Device(scheduler)

    async def request() -> None:
        if await enter(device):
            assert not await device.freed.get(), "stopped under a request"
            await device.leave()

    async def stop() -> None:
        await device.stopping.set(True)
        await device.leave()
        if await device.idle.get():
            await device.freed.set(True)

    scheduler.spawn(request, name="request")
    scheduler.spawn(stop, name="stop")


def buggy(scheduler: Scheduler) -> None:
    """Check, then count."""
    start(scheduler, check_then_count)


def correct(scheduler: Scheduler) -> None:
    """Count, then check."""
    start(scheduler, count_then_check)


PROGRAM = Program(buggy=buggy, correct=correct, tasks=2, points=10, depth=2, verdict="crash")
