"""The page is lent to the process, and changed all the same."""

from __future__ import annotations

from fuzzcopy.bugs.bug import Bug
from fuzzcopy.designs.flip import WalkFirstRead
from fuzzcopy.kernel import File, Page, PageCache
from fuzzcopy.machine import Cpu


class ForgetfulCache(PageCache):
    """Gives out a lent page for changing as if it were nobody's."""

    async def take_back(self, cpu: Cpu, file: File, page: Page) -> Page | None:
        return page


class FlipNotWriteProtected(Bug):
    """read() maps the file's page into the process, and a later write() changes it there.

    On the process's side the page is copy-on-write. On the file's side nothing is: the next
    write() goes into the same frame, and what read() has returned changes behind its back.
    Zero-copy sends have the same hole on the other side: the page goes out on the wire later
    than send() returned.
    """

    name = "flip-not-write-protected"
    year = 2002
    verdicts = ("torn read",)
    fixed_by = "never shipped in read(); for sends, MSG_ZEROCOPY tells when a page may be changed"
    smallest = (1, 2, 0)
    read_path = WalkFirstRead
    cache_path = ForgetfulCache
