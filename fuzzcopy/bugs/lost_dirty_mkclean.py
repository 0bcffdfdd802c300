"""The page is cleaned before its entries are."""

from __future__ import annotations

from fuzzcopy.bugs.bug import Bug
from fuzzcopy.kernel import File, Page, Writeback
from fuzzcopy.machine import Cpu


class CleanThenProtect(Writeback):
    """Clears the dirty flag and sends the data off, and write-protects the entries last."""

    async def clean_and_submit(self, cpu: Cpu, file: File, page: Page) -> None:
        await page.clear_dirty()
        await self.submit(file, page)
        await self.kernel.unmap.write_protect(cpu, file, page)


class LostDirtyMkclean(Bug):
    """Writeback clears the page's dirty flag first and write-protects its entries afterwards.

    A store that comes in between finds a writable entry, so it does not fault; the dirty bit it
    leaves there is wiped by the write protection; and the page counts as clean. This ate files
    in 2.6.19, and it took Linus and others weeks to see it.
    """

    name = "lost-dirty-mkclean"
    year = 2006
    verdicts = ("lost dirty", "lost write")
    fixed_by = "7658cc289288 and 79352894b285 (2.6.20): clean the entries, then the flag"
    smallest = (1, 1, 1)
    writeback_path = CleanThenProtect
