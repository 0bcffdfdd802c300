"""Preallocation."""

from __future__ import annotations

from fuzzcopy.kernel.file import File
from fuzzcopy.kernel.path import Path
from fuzzcopy.machine import Cpu


class Allocate(Path):
    """Gives pages of a file their blocks before anything is written, and takes blocks away."""

    async def fallocate(self, cpu: Cpu, file: File, first: int, pages: int) -> int:
        """Reserve blocks for ``pages`` from page ``first`` on; the size stays. Returns 0.

        (``FALLOC_FL_KEEP_SIZE``.) Under the inode lock, as writers and truncation are.
        """
        async with file.lock:
            for index in range(first, first + pages):
                await self.reserve(file, index)
        return 0

    async def reserve(self, file: File, index: int) -> None:
        """Let the page at ``index`` have a block; a new one is unwritten, and full of garbage."""
        if await file.extents.reserve(index):
            self.machine.disk.allocate((file.name, index))

    async def release(self, file: File, first: int, end: int) -> None:
        """Free the blocks of pages ``first`` to ``end``, whose pages have left the cache.

        First the map forgets them, then somebody else may have them.
        """
        for index in await file.extents.remove(first, end):
            await self.machine.disk.discard((file.name, index))
