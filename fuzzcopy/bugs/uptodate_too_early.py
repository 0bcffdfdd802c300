"""The page is called uptodate before the bytes are there."""

from __future__ import annotations

from fuzzcopy.bugs.bug import Bug
from fuzzcopy.kernel import BufferedWrite, File, Page


class UptodateTooEarlyWrite(BufferedWrite):
    """Marks a page that will be overwritten as a whole uptodate when the write begins."""

    async def begin(self, file: File, at: int, length: int) -> Page | int:
        page = await super().begin(file, at, length)
        if not isinstance(page, int) and not await page.is_uptodate():
            await page.set_uptodate()
        return page


class UptodateTooEarly(Bug):
    """A page about to be overwritten is marked uptodate before the copy: readers see garbage.

    "It will be overwritten anyway." But readers do not take the page lock, they look at the
    flag; until the copy is done, and for good if it comes back short, they are given what the
    frame held in its previous life. The smallest case needs no second CPU: the source maps the
    destination, the copy fails, and the fault maps a page that is called uptodate already.
    """

    name = "uptodate-too-early"
    year = 2006
    verdicts = ("not-uptodate exposure",)
    fixed_by = "08291429cfa6 (2007): uptodate is set by the commit, after the copy"
    smallest = (1, 1, 0)
    write_path = UptodateTooEarlyWrite
