"""The page that was replaced is let go of before every CPU has forgotten it."""

from __future__ import annotations

from fuzzcopy.bugs.bug import Bug
from fuzzcopy.designs.flip import WalkFirstRead
from fuzzcopy.kernel import AddressSpace, Page
from fuzzcopy.machine import Cpu


class EarlyReleaseRead(WalkFirstRead):
    """Flushes its own TLB, lets go of the old page, and interrupts the others last."""

    async def retire(self, cpu: Cpu, space: AddressSpace, vpn: int, old: Page) -> None:
        cpu.tlb.flush(space.table, [vpn])
        await super().release(old)
        await super().retire(cpu, space, vpn, old)

    async def release(self, old: Page) -> None:
        """It is gone already."""


class FlipFreesEarly(Bug):
    """read() replaces a mapped page and frees it before the other CPUs have acknowledged.

    The interrupts are sent, but the frame is on the free list when they arrive. In between
    another CPU reads and writes through its old translation what the next one to allocate gets.
    Clear, flush, free: the order that ``mmu_gather`` exists for.
    """

    name = "flip-frees-early"
    year = 2002
    verdicts = ("stale TLB", "freed-frame access", "torn read")
    fixed_by = "the rule of mmu_gather (Linux 2.4.x): free only after the flush"
    smallest = (2, 2, 0)
    read_path = EarlyReleaseRead
