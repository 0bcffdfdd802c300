"""The deadlock of the mail."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager, nullcontext

from fuzzcopy.bugs.bug import Bug
from fuzzcopy.kernel import BufferedWrite, File, Page, UserBuffer
from fuzzcopy.machine import Cpu


class SleepingCopyWrite(BufferedWrite):
    """Copies with page faults handled, and the destination page locked."""

    def changing(self, file: File) -> AbstractAsyncContextManager[None]:
        """Nothing but the page lock: the file systems of then had no lock of their own here."""
        return nullcontext()

    async def copy(
        self, cpu: Cpu, page: Page, start: int, buffer: UserBuffer, position: int, length: int
    ) -> int:
        return await self.kernel.copy.from_user(cpu, page, start, buffer, position, length)


class SleepingCopy(Bug):
    """write() holds a page lock across a copy from user space that may fault.

    Until 2007 ``generic_file_write`` locked the page it was going to overwrite, did not read it
    in, and copied from user space. If the source is a mapping of that same page, the fault needs
    the page read in and waits for its lock: the writer waits for itself (a). Two writers that
    each use the other's destination as their source wait for each other (b). And a writer whose
    fault wants the mmap lock waits for somebody who holds it, as mlock or a populating mmap
    does, and wants the page (c).

    The mail of 2002 names it, and its cure: a copy that fails instead of faulting.
    """

    name = "sleeping-copy"
    year = 2002
    verdicts = ("deadlock",)
    fixed_by = '08291429cfa6 "mm: fix pagecache write deadlocks" (2.6.24, 2007)'
    smallest = (1, 1, 0)
    write_path = SleepingCopyWrite
