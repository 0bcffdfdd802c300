"""Trio's own floor: the baton goes round and nothing else happens.

What any scheduler on trio must pay that starts one ``trio.run`` per schedule and switches at
every step. The kernel may be faster: it shares a ``trio.run`` among schedules, and the task that
is told to go on does not switch.
"""

from __future__ import annotations

import trio

from benchmarks.measure import Batch, Facts

BATCH = 20
"""Schedules per batch; each starts its own ``trio.run``."""


class FloorSubject:
    """``passes`` passes of the baton round ``tasks`` tasks."""

    name = "trio_floor"

    def __init__(self, *, tasks: int, passes: int) -> None:
        self._tasks = tasks
        self._passes = passes

    def batch(self) -> Batch:
        """``BATCH`` times round."""
        for _ in range(BATCH):
            trio.run(self._schedule)
        return Batch(BATCH, BATCH * self._passes)

    def facts(self) -> Facts:
        """Known beforehand."""
        return Facts(
            tasks=self._tasks,
            points=self._passes,
            steps=self._passes,
            switches=self._passes,
            together=1,
        )

    async def _schedule(self) -> None:
        ring: list[trio.lowlevel.Task] = []
        left = self._passes
        width = self._tasks

        async def member() -> None:
            nonlocal left
            place = len(ring)
            ring.append(trio.lowlevel.current_task())
            if len(ring) < width:
                await trio.lowlevel.wait_task_rescheduled(_abort)
            while left:
                left -= 1
                trio.lowlevel.reschedule(ring[(place + 1) % width])
                await trio.lowlevel.wait_task_rescheduled(_abort)
            # Over: whoever comes next is still parked, unless it has left before.
            ring[place] = done
            if ring[(place + 1) % width] is not done:
                trio.lowlevel.reschedule(ring[(place + 1) % width])

        done = trio.lowlevel.current_task()
        async with trio.open_nursery() as nursery:
            for _ in range(width):
                nursery.start_soon(member)


def _abort(_: object) -> trio.lowlevel.Abort:
    return trio.lowlevel.Abort.SUCCEEDED
