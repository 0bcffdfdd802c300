"""The page is committed as if all that was asked for had been copied."""

from __future__ import annotations

from fuzzcopy.bugs.bug import Bug
from fuzzcopy.kernel import BufferedWrite, File, Page


class ShortCopyCommittedWrite(BufferedWrite):
    """Makes the page uptodate as if the length asked for had been copied."""

    async def commit(self, file: File, page: Page, at: int, length: int, copied: int) -> int:
        if copied and length == self.page_size and not await page.is_uptodate():
            await page.set_uptodate()
        return await super().commit(file, page, at, length, copied)


class ShortCopyCommitted(Bug):
    """A short copy is committed as if it were a full one: the rest of the page is garbage.

    The atomic copy may stop in the middle of a page that was never read in. The write returns
    the right count, but the page goes on as uptodate and dirty, with the frame's previous bytes
    behind those that were copied. ext4 in data=journal mode did it for years.
    """

    name = "short-copy-committed"
    year = 2017
    verdicts = ("not-uptodate exposure",)
    fixed_by = "ext4 3b136499e906 (2016) and b90197b65518 (2017)"
    smallest = (1, 1, 0)
    write_path = ShortCopyCommittedWrite
