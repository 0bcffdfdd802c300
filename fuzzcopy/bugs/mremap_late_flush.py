"""The old place is flushed after the new one can be taken apart."""

from __future__ import annotations

from fuzzcopy.bugs.bug import Bug
from fuzzcopy.kernel import AddressSpace, Mapping
from fuzzcopy.machine import Cpu


class MoveThenFlush(Mapping):
    """Moves the entries, drops the locks, and flushes the old addresses at the very end."""

    async def move_entries(
        self, cpu: Cpu, space: AddressSpace, start: int, pages: int, to: int
    ) -> None:
        async with space.ptl:
            for vpn, entry in await self.take_entries(space, start, pages):
                await space.table.set(vpn - start + to, entry)

    async def after_move(self, cpu: Cpu, space: AddressSpace, start: int, pages: int) -> None:
        await self.kernel.shootdown.flush(cpu, space, range(start, start + pages))


class MremapLateFlush(Bug):
    """mremap() moves entries and drops the page-table lock before it flushes the old addresses.

    Meanwhile another CPU takes the entry away at its new address, flushes only that, and frees
    the frame. A third translation, for the old address, still works: it reads and writes what
    by now belongs to somebody else. CVE-2018-18281, found by Jann Horn.
    """

    name = "mremap-late-flush"
    year = 2018
    verdicts = ("stale TLB", "freed-frame access", "torn read")
    fixed_by = 'eb66ae030829 "mremap: properly flush TLB before releasing the page" (4.19)'
    smallest = (1, 1, 1)
    mapping_path = MoveThenFlush
