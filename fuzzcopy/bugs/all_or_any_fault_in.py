"""One loop wants all bytes, the other is content with any."""

from __future__ import annotations

from errno import EFAULT

from fuzzcopy.bugs.bug import Bug
from fuzzcopy.kernel import BufferedWrite, File, UserBuffer
from fuzzcopy.machine import Cpu


class AllOrAnyWrite(BufferedWrite):
    """The inner write fails unless all can be faulted in; the outer loop retries if any was."""

    async def perform(self, cpu: Cpu, file: File, offset: int, buffer: UserBuffer) -> int:
        written = 0
        while written < buffer.length:
            length = self.step(offset + written, buffer, written)
            missing = await self.fault_in(cpu, buffer, written, length)
            if not missing:
                part = await super().perform(
                    cpu, file, offset + written, _part(buffer, written, length)
                )
                if part <= 0:
                    return written or part
                written += part
            elif missing == length:
                return written or -EFAULT
        return written


def _part(buffer: UserBuffer, position: int, length: int) -> UserBuffer:
    return UserBuffer(buffer.runs(position, length, 1 << 12, 1 << 12))


class AllOrAnyFaultIn(Bug):
    """The inner loop fails if any byte is missing, the outer one retries if any byte is there.

    gfs2 faulted in what it could and tried again; iomap refused to write less than asked. A
    buffer that runs from a good page into a bad one is retried for ever.
    """

    name = "all-or-any-fault-in"
    year = 2021
    verdicts = ("livelock",)
    fixed_by = '554c577cee95 "gfs2: Prevent endless loops in gfs2_file_buffered_write" (5.17)'
    smallest = (1, 1, 0)
    write_path = AllOrAnyWrite
