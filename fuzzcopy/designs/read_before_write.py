"""The page is made uptodate before it is written to, even if all of it will be overwritten."""

from __future__ import annotations

from fuzzcopy.designs.design import Design
from fuzzcopy.kernel import BufferedWrite, File, Page


class UptodateFirstWrite(BufferedWrite):
    """Reads the page in from the disk whatever the length."""

    async def begin(self, file: File, at: int, length: int) -> Page | int:
        return await self.kernel.cache.get_uptodate(file, at // self.page_size)


class ReadBeforeWrite(Design):
    """Every page is read in before it is written to.

    A page that is always uptodate cannot be in the way of a fault on it for long, nor show
    garbage after a short copy. But "real load absolutely needs to not try to get the page
    up-to-date before the write": a full-page write that need not touch the disk waits for it.
    """

    name = "read-before-write"
    used_by = "file systems without write_begin of their own; the obvious cure of 2002"
    write_path = UptodateFirstWrite
