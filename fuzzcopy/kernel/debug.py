"""A debugger's access to memory (``ptrace``, ``/proc/PID/mem``)."""

from __future__ import annotations

from collections.abc import Sequence
from errno import EFAULT

from fuzzcopy.kernel.buffer import split
from fuzzcopy.kernel.path import Path
from fuzzcopy.kernel.pin import Pinned
from fuzzcopy.machine import Cpu


class Debug(Path):
    """Writes to memory by way of pinned pages, read-only private mappings included."""

    async def poke(self, cpu: Cpu, address: int, cells: Sequence[int]) -> int:
        """Write ``cells`` at a user ``address``, by force.

        Returns how many were written, or ``-EFAULT`` if not even the first can be.
        """
        machine = self.machine
        space = self.kernel.space_of(cpu)
        done = 0
        async with space.mmap_lock.read:
            for at, n in split(address, len(cells), machine.chunk):
                pinned = None
                if not machine.mmu.is_poisoned(space.table, at):
                    pinned = await self.pin(cpu, at // self.page_size)
                if pinned is None:
                    break
                await self.write(cpu, pinned, at, cells[done : done + n])
                done += n
        return done or (-EFAULT if cells else 0)

    async def pin(self, cpu: Cpu, vpn: int) -> Pinned | None:
        """The page at ``vpn``, pinned for a forced write; a file's own page locked as well.

        A page that has left its file since it was pinned, or that somebody's own memory shows by
        now (zero copy), is not the one to write to.
        """
        kernel = self.kernel
        while True:
            pinned = await kernel.pin.pin(cpu, kernel.space_of(cpu), vpn, write=True, force=True)
            if pinned is None or pinned.page.anonymous:
                return pinned
            assert pinned.vma is not None
            file, page = pinned.vma.file, pinned.page
            await page.lock.acquire()
            if file is not None and await page.belongs_to(file) and not page.lent:
                return pinned
            page.lock.release()
            await kernel.cache.put(page)

    async def write(self, cpu: Cpu, pinned: Pinned, address: int, cells: Sequence[int]) -> None:
        """Write through the kernel's own pointer, and let go of the page."""
        page = pinned.page
        await self.machine.memory.write(cpu, page.frame, address % self.page_size, cells)
        for tell in self.scheduler.bus.pin_written:
            tell(cpu, pinned, address, cells)
        await page.set_dirty()  # no CPU has set the entry's bit
        if not page.anonymous:
            page.lock.release()
        await self.kernel.cache.put(page)
