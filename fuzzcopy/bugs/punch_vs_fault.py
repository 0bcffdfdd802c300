"""Old blocks are read back in before they are freed."""

from __future__ import annotations

from fuzzcopy.bugs.bug import Bug
from fuzzcopy.kernel import File, Punch
from fuzzcopy.machine import Cpu


class PunchWithoutInvalidateLock(Punch):
    """Evicts the pages, then frees the blocks, and nothing keeps a fault out in between."""

    async def punch(self, cpu: Cpu, file: File, first: int, pages: int) -> int:
        async with file.lock:
            await self.evict(cpu, file, first, pages)
        return 0


class PunchVsFault(Bug):
    """A hole punch evicts a page, a fault reads the old block back in, then the block is freed.

    The cache shows what is no longer in the file; once the block has a new owner, somebody
    else's data. Every file system had its own lock against it, or none, until 2021.
    """

    name = "punch-vs-fault"
    year = 2021
    verdicts = ("lost write", "torn read", "not-uptodate exposure")
    fixed_by = '730633f0b7f9 "mm: Protect operations adding pages to page cache" (5.15)'
    smallest = (2, 2, 1)
    punch_path = PunchWithoutInvalidateLock
