"""Copy-on-write shows the copy while the old translation still works."""

from __future__ import annotations

from fuzzcopy.bugs.bug import Bug
from fuzzcopy.kernel import Fault, Page, Vma
from fuzzcopy.machine import Cpu


class SetThenFlush(Fault):
    """Installs the new entry in place of the old one, and flushes afterwards."""

    async def replace(self, cpu: Cpu, vma: Vma, vpn: int, copy: Page) -> None:
        await self.map(vma, vpn, copy, writable=vma.writable, dirty=not vma.writable)
        await self.kernel.shootdown.flush(cpu, vma.space, [vpn])


class SetBeforeFlush(Bug):
    """Copy-on-write installs the new page-table entry before it flushes the old translation.

    For that long one thread stores to the new frame while another still loads from the old one,
    so that it misses what is in memory already. Suresh Siddha met it where a program had changed
    its own code: one CPU had the new page in its data TLB and the old one in its instruction
    TLB. The rule since then is clear, flush, set.
    """

    name = "set-before-flush"
    year = 2006
    verdicts = ("torn read",)
    fixed_by = '4ce072f1faf2 "mm: fix a race condition under SMC + COW" (2.6.19)'
    smallest = (3, 3, 0)
    fault_path = SetThenFlush
