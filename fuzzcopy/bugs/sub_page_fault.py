"""The probe looks at pages, the copy faults in the middle of one."""

from __future__ import annotations

from fuzzcopy.bugs.bug import Bug
from fuzzcopy.kernel import BufferedWrite, UserBuffer
from fuzzcopy.machine import Cpu


class PageGranularProbe(BufferedWrite):
    """Touches the beginning of each source page and takes that for the whole page."""

    async def fault_in(self, cpu: Cpu, buffer: UserBuffer, position: int, length: int) -> int:
        size = self.page_size
        runs = buffer.runs(position, length, size, size)
        pages = UserBuffer([(address - address % size, 1) for address, _ in runs])
        return await self.kernel.copy.fault_in(cpu, pages, 0, pages.length)


class SubPageFault(Bug):
    """The source page can be touched at its start but not in its middle: the write never ends.

    With memory tagging an access can fault although the page is mapped. The copy stops there,
    the probe of the page says that all is well, and the loop tries again, for ever. Found in
    btrfs by Catalin Marinas; others had to be checked one by one.
    """

    name = "sub-page-fault"
    year = 2022
    verdicts = ("livelock", "contract")
    fixed_by = '18788e34642e "btrfs: Avoid live-lock in search_ioctl() ..." (5.18)'
    smallest = (1, 1, 0)
    write_path = PageGranularProbe
