"""The file system's own lock is held while user memory is touched."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager, nullcontext

from fuzzcopy.bugs.bug import Bug
from fuzzcopy.kernel import BufferedWrite, File, UserBuffer
from fuzzcopy.machine import Cpu


class LockedWrite(BufferedWrite):
    """Holds the file system's lock from the first byte to the last, faults included."""

    async def write(self, cpu: Cpu, file: File, offset: int, buffer: UserBuffer) -> int:
        async with file.lock, file.fs_lock.write:
            return await self.perform(cpu, file, offset, buffer)

    def changing(self, file: File) -> AbstractAsyncContextManager[None]:
        return nullcontext()


class LockAcrossUserCopy(Bug):
    """A file system holds its own lock over the user copy; a fault on its mapping needs that lock.

    Page lock and mmap lock were sorted out in 2007, but a cluster lock or an extent lock serves
    just as well: gfs2 held its glock over the whole write, btrfs its extent lock over direct I/O.
    One write from a mapping of the same file is enough, or two across.
    """

    name = "lock-across-user-copy"
    year = 2021
    verdicts = ("deadlock",)
    fixed_by = '00bfe02f4796 "gfs2: Fix mmap + page fault deadlocks for buffered I/O" (5.16)'
    smallest = (1, 1, 0)
    write_path = LockedWrite
