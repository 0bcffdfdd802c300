"""Punching holes."""

from __future__ import annotations

from fuzzcopy.kernel.file import File
from fuzzcopy.kernel.truncate import Truncate
from fuzzcopy.machine import Cpu


class Punch(Truncate):
    """Makes a hole: like truncation, but in the middle, and the size stays."""

    order = "punch"

    async def punch(self, cpu: Cpu, file: File, first: int, pages: int) -> int:
        """Free ``pages`` from page ``first`` on. Returns 0.

        The invalidate lock keeps faults and reads from bringing old blocks back in before they
        are freed.
        """
        end = first + pages
        async with (
            self.early("inode", file, first=first, end=end, alone=True),
            file.lock,
            self.early("invalidate", file, first=first, end=end),
            file.invalidate.write,
        ):
            await self.evict(cpu, file, first, pages)
        return 0

    async def evict(self, cpu: Cpu, file: File, first: int, pages: int) -> None:
        """Unmap the pages, drop them from the cache, free their blocks."""
        await self.kernel.unmap.range_everywhere(
            cpu, file, first, end=first + pages, even_copies=False
        )
        for index in await file.cached(first):
            if index < first + pages:
                await self.drop(cpu, file, index)
        await self.kernel.allocate.release(file, first, first + pages)
