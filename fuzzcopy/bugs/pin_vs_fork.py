"""fork() shares a page that a device is about to write to."""

from __future__ import annotations

from fuzzcopy.bugs.bug import Bug
from fuzzcopy.kernel import Fork, Page


class SharesWhatIsPinned(Fork):
    """Write-protects and shares every private page, pinned or not."""

    async def must_be_copied(self, page: Page) -> bool:
        return False


class PinVsFork(Bug):
    """fork() makes a page that is pinned for direct I/O copy-on-write.

    The next store of the parent to that page gives it a copy, and the device's data lands in the
    old frame, which from then on is the child's, or nobody's: the parent waits for a read that
    succeeds, and does not find the data. For years open(2) said not to mix ``O_DIRECT`` and fork().
    Linus and Peter Xu let fork() copy such pages at once.
    """

    name = "pin-vs-fork"
    year = 2020
    verdicts = ("torn read", "lost write")
    fixed_by = '70e806e4e645 "mm: Do early cow for pinned pages during fork() for ptes" (5.9)'
    smallest = (2, 2, 0)
    fork_path = SharesWhatIsPinned
