"""The cache could not be dropped after a direct write, and nobody is told."""

from __future__ import annotations

from fuzzcopy.bugs.bug import Bug
from fuzzcopy.kernel import DirectIo, File


class KeepsItToItself(DirectIo):
    """Takes no notice of what the invalidation returned."""

    async def report(self, file: File) -> None:
        return


class DioLeavesStaleCache(Bug):
    """A page that is dirtied during a direct write stays in the cache, with the old bytes.

    The cache is dropped after a direct write; a page that somebody has dirtied meanwhile through
    a mapping cannot be. It goes on showing what was there before and will overwrite what has just
    been written. That cannot be helped; but the return value was ignored, so that a write was
    acknowledged, synced, and lost. Darrick Wong had it warn, and made the next fsync fail with
    ``EIO``.
    """

    name = "dio-leaves-stale-cache"
    year = 2017
    verdicts = ("torn read", "lost write", "lost dirty")
    fixed_by = '5a9d929d6e13 "iomap: report collisions between directio and buffered writes" (4.16)'
    smallest = (2, 2, 0)
    direct_path = KeepsItToItself
