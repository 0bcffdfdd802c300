"""A page is unlocked and locked again, and taken for the same."""

from __future__ import annotations

from fuzzcopy.bugs.bug import Bug
from fuzzcopy.designs.two_copy import TwoCopyWrite
from fuzzcopy.kernel import File, Page


class NoRecheckWrite(TwoCopyWrite):
    """Trusts that the page is still in the cache when it is locked again."""

    async def still_there(self, page: Page, file: File) -> bool:
        return True


class NoRecheckAfterRelock(Bug):
    """The two-copy slow path relocks the page without checking that it is still in the cache.

    2.6.24 copied through a temporary page: unlock, copy with faults, lock again. Meanwhile the
    page can be truncated or invalidated; written to all the same, it takes the bytes with it
    when the last reference is dropped, and write() has reported success. If the program syncs the
    file before it reads it, the same loss shows on the disk.
    """

    name = "no-recheck-after-relock"
    year = 2007
    verdicts = ("lost write", "torn read", "freed-frame access", "lost dirty")
    fixed_by = "08291429cfa6 (2007) checks page->mapping again after lock_page"
    smallest = (2, 2, 0)
    write_path = NoRecheckWrite
