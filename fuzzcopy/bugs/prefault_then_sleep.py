"""All source pages are touched, and then the copy may still sleep."""

from __future__ import annotations

from fuzzcopy.bugs.bug import Bug
from fuzzcopy.bugs.sleeping_copy import SleepingCopyWrite
from fuzzcopy.kernel import UserBuffer
from fuzzcopy.machine import Cpu


class PrefaultThenSleepWrite(SleepingCopyWrite):
    """Touches the whole source first, and trusts it to stay."""

    async def prepare(self, cpu: Cpu, buffer: UserBuffer, position: int, length: int) -> None:
        await self.kernel.copy.fault_in(cpu, buffer, position, length)


class PrefaultThenSleep(Bug):
    """The source is faulted in before the page is locked, but may be gone when it is copied.

    ``fault_in_pages_readable`` "only ever papered over the bug": between the touching and the
    copy another CPU can unmap or reclaim the source page, and the copy faults with the
    destination locked after all. Btrfs repeated it in 2007.
    """

    name = "prefault-then-sleep"
    year = 2007
    verdicts = ("deadlock",)
    fixed_by = "08291429cfa6 (2007); btrfs 914ee295af41 (2010)"
    smallest = (1, 1, 0)
    write_path = PrefaultThenSleepWrite
