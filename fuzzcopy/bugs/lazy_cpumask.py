"""A CPU loads a page table before it is in the mask that shootdowns go by."""

from __future__ import annotations

from fuzzcopy.bugs.bug import Bug
from fuzzcopy.kernel import AddressSpace, ContextSwitch
from fuzzcopy.machine import Cpu


class LoadThenJoin(ContextSwitch):
    """Loads the table, and says so afterwards."""

    async def enter(self, cpu: Cpu, space: AddressSpace) -> None:
        await self.load(cpu, space)
        await space.join(cpu)


class LazyCpumask(Bug):
    """A CPU enters an address space's mask only after it has loaded the page table.

    In between it can use and fetch translations, and nobody knows: another CPU clears an entry,
    reads the mask, interrupts everybody but this one, and frees the frame. The same when a lazy
    CPU comes back. CVE-2016-2069, found by Andy Lutomirski; on hardware it takes no more than a
    missing memory barrier between the two.
    """

    name = "lazy-cpumask"
    year = 2016
    verdicts = ("stale TLB", "stale TLB access", "freed-frame access")
    fixed_by = '71b3c126e611 "x86/mm: Add barriers and document switch_mm()-vs-flush ..." (4.5)'
    smallest = (1, 1, 1)
    switch_path = LoadThenJoin
