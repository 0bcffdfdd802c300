"""Only the first of two source pages is touched before the copy."""

from __future__ import annotations

from fuzzcopy.bugs.bug import Bug
from fuzzcopy.bugs.sleeping_copy import SleepingCopyWrite
from fuzzcopy.kernel import UserBuffer
from fuzzcopy.machine import Cpu


class PrefaultFirstPageWrite(SleepingCopyWrite):
    """Touches where the source begins, then copies as if all of it were there."""

    async def prepare(self, cpu: Cpu, buffer: UserBuffer, position: int, length: int) -> None:
        await self.kernel.copy.fault_in(cpu, buffer, position, 1)


class PrefaultFirstPage(Bug):
    """Only the first page of an unaligned source is faulted in before the copy.

    A page-sized copy from an unaligned buffer needs two user pages. Whoever touches only the
    first ("why does __get_user need to touch the page in *two* places?", the mail was asked)
    faults on the second with the destination locked. The vectored form touched only the first
    segment: it was tried in 2.6 and reverted.
    """

    name = "prefault-first-page"
    year = 2006
    verdicts = ("deadlock",)
    fixed_by = "6814d7a91289 (reverts 6527c2bdf1f8), then 08291429cfa6 (2007)"
    smallest = (1, 1, 0)
    write_path = PrefaultFirstPageWrite
