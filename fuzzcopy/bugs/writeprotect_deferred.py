"""A page is copied while a CPU can still write to it."""

from __future__ import annotations

from fuzzcopy.bugs.bug import Bug
from fuzzcopy.kernel import AddressSpace, Fault
from fuzzcopy.machine import Cpu


class CopyBeforeFlush(Fault):
    """Takes a read-only entry for proof that nobody writes to the page."""

    async def settle(self, cpu: Cpu, space: AddressSpace, vpn: int) -> None:
        return


class WriteprotectDeferred(Bug):
    """Copy-on-write copies a page whose write protection is not in every TLB yet.

    userfaultfd takes the write permission away from the entry and flushes later, with the mmap
    lock held only shared. Another CPU's write fault finds the entry read-only and copies the page,
    and flushes when it installs the copy. In between a third CPU still writes to the old page
    through its TLB, and what it writes is in no copy. Found by Nadav Amit, when the selftest of
    userfaultfd failed now and then.

    The judge does not wait for that write: a CPU that could do it at the time of the copy is
    enough. So the verdict is stale TLB where a full account would say lost write.
    """

    name = "writeprotect-deferred"
    year = 2021
    verdicts = ("stale TLB", "torn read", "lost write")
    fixed_by = '6ce64428d620 "mm/userfaultfd: fix memory corruption due to writeprotect" (5.12)'
    smallest = (2, 2, 0)
    fault_path = CopyBeforeFlush
