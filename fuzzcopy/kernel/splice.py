"""Splicing: pages of a file go into a pipe as they are, without a copy."""

from __future__ import annotations

from errno import EAGAIN

from fuzzcopy.kernel.file import File
from fuzzcopy.kernel.page import Page
from fuzzcopy.kernel.path import Path
from fuzzcopy.kernel.pipe import Pipe


class Splice(Path):
    """``splice`` from a file to a pipe (``filemap_splice_read``).

    The pipe has references to pages of the cache. Who reads from the pipe may see what is
    written to the file later; nobody may write to the file by way of the pipe.
    """

    async def to_pipe(self, file: File, offset: int, length: int, pipe: Pipe) -> int:
        """Put ``length`` bytes of ``file`` from byte ``offset`` on into the pipe.

        Returns the bytes spliced (0 at the end of the file), ``-EAGAIN`` if the ring is full,
        ``-EIO``, or ``-ENOMEM``.
        """
        done = 0
        async with pipe.lock:
            while done < length:
                at = offset + done
                if at >= await file.size.get():
                    break
                if pipe.is_full:
                    return done or -EAGAIN
                page = await self.kernel.read.uptodate_page(file, at // self.page_size)
                if isinstance(page, int):
                    return done or page
                start = at % self.page_size
                # As for a read, the size counts once the page is known to be uptodate.
                rest = await file.size.get() - at
                n = min(self.page_size - start, length - done, rest)
                if n <= 0:
                    await self.kernel.cache.put(page)
                    break
                self.add(pipe, page, start, n)
                done += n
        return done

    def add(self, pipe: Pipe, page: Page, start: int, length: int) -> None:
        """Fill the next slot; the ring takes over the reference. Nobody may add to that page."""
        slot = pipe.claim()
        slot.page, slot.start, slot.length = page, start, length
        slot.can_merge = False
