"""A mapped page is replaced, and only this CPU forgets it."""

from __future__ import annotations

from fuzzcopy.bugs.bug import Bug
from fuzzcopy.designs.flip import WalkFirstRead
from fuzzcopy.kernel import AddressSpace, Page
from fuzzcopy.machine import Cpu


class LocalFlushRead(WalkFirstRead):
    """Flushes its own TLB and thinks that the job is done."""

    async def retire(self, cpu: Cpu, space: AddressSpace, vpn: int, old: Page) -> None:
        cpu.tlb.flush(space.table, [vpn])


class FlipWithoutShootdown(Bug):
    """read() replaces a mapped page and invalidates only the TLB of the CPU that it runs on.

    The other CPUs of the process still translate to the page that was there: they read old bytes,
    and write into a frame that by now belongs to somebody else. It is the cross-call that the
    mail counts as the price of replacing a page on SMP; leaving it out is how page tricks win
    their benchmarks.
    """

    name = "flip-without-shootdown"
    year = 2002
    verdicts = ("stale TLB", "freed-frame access", "torn read")
    fixed_by = "never shipped in Linux; see the mail: the cross-call is the price"
    smallest = (2, 2, 0)
    read_path = LocalFlushRead
