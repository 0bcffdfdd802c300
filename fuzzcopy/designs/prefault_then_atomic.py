"""The source is touched first, always, and the copy may still fail."""

from __future__ import annotations

from fuzzcopy.designs.design import Design
from fuzzcopy.kernel import BufferedWrite, UserBuffer
from fuzzcopy.machine import Cpu


class PrefaultWrite(BufferedWrite):
    """Touches all of the source before the page is locked."""

    async def prepare(self, cpu: Cpu, buffer: UserBuffer, position: int, length: int) -> None:
        await self.kernel.copy.fault_in(cpu, buffer, position, length)


class PrefaultThenAtomic(Design):
    """The source is touched before every copy, which then runs with page faults disabled.

    As safe as the reference; a load of every source page is what it costs, and it fails less
    often when the source was not there.
    """

    name = "prefault-then-atomic"
    used_by = "generic_perform_write of Linux until 2025 (fault_in_iov_iter_readable first)"
    write_path = PrefaultWrite
