"""The writer's page goes into the cache and stays writable for the writer."""

from __future__ import annotations

from fuzzcopy.bugs.bug import Bug
from fuzzcopy.designs.take import WalkFirstWrite
from fuzzcopy.kernel import Vma
from fuzzcopy.machine import Cpu


class UnprotectedTakeWrite(WalkFirstWrite):
    """Takes the page and leaves every mapping of it as it is."""

    async def protect(self, cpu: Cpu, vma: Vma, vpn: int) -> None:
        """Nothing: the writer has said that it is done with it."""


class StealStillMapped(Bug):
    """write() takes the user's page into the page cache without taking it away from the user.

    The process, or a thread of it that never heard of the write, stores to its buffer again, and
    the file changes: with no write(), no permission to the file and no trace of it in its times.
    ``SPLICE_F_GIFT`` only asks the giver to promise; nothing holds it to the promise.
    """

    name = "steal-still-mapped"
    year = 2006
    verdicts = ("wrong privilege", "lost write", "torn read", "lost dirty")
    fixed_by = "SPLICE_F_MOVE has moved nothing since Linux 2.6.21 (splice(2))"
    smallest = (1, 2, 0)
    write_path = UnprotectedTakeWrite
