"""What was looked up before the page was locked is believed afterwards."""

from __future__ import annotations

from fuzzcopy.bugs.bug import Bug
from fuzzcopy.kernel import BufferedWrite, Extent, File


class BelievingWrite(BufferedWrite):
    """Looks its extent up once."""

    async def still_valid(self, file: File, extent: Extent) -> bool:
        return True


class StaleExtentMap(Bug):
    """A write looks up "unwritten", and zeroes around its bytes although they are written now.

    The file system maps the range before any page is locked. Then writeback writes the page that
    is in the cache and converts its extent, reclaim takes the page out, and the writer, which
    still goes by its old answer, makes a new page of zeros where it should read the disk: what
    was written there before is gone. XFS users met it as corruption under memory pressure. The
    smallest case needs no second program: a flusher and kswapd beside the writer are enough.
    """

    name = "stale-extent-map"
    year = 2022
    verdicts = ("lost write", "torn read", "lost dirty")
    fixed_by = 'd7b64041164c "iomap: write iomap validity checks" (6.2)'
    smallest = (1, 1, 1)
    write_path = BelievingWrite
