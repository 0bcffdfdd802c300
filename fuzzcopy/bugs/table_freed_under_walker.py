"""A page-table page is freed while a CPU walks it."""

from __future__ import annotations

from fuzzcopy.bugs.bug import Bug
from fuzzcopy.kernel import AddressSpace, Tables
from fuzzcopy.machine import Cpu


class FreeAtOnce(Tables):
    """Takes it for enough that nobody finds the page-table page any more."""

    async def wait_for_walkers(self, cpu: Cpu, space: AddressSpace) -> None:
        return


class TableFreedUnderWalker(Bug):
    """A page-table page is freed as soon as the directory no longer names it.

    Its entries were cleared and flushed before. But a walk that found nothing leaves nothing in
    a TLB to be flushed: another CPU may have read the directory and be about to read the entry,
    from a page that is somebody else's by then. No lock keeps it out; an interrupt does, as none
    is taken inside a walk. Found by Jann Horn in khugepaged, against the lockless walk of
    ``get_user_pages_fast``.
    """

    name = "table-freed-under-walker"
    year = 2022
    verdicts = ("freed-frame access",)
    fixed_by = '2ba99c5e0881 "mm/khugepaged: fix GUP-fast interaction by sending IPI" (6.1)'
    smallest = (2, 2, 1)
    tables_path = FreeAtOnce
