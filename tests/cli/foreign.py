"""A user's kernel that awaits something that no scheduler of fuzzcopy knows of."""

FOREIGN = """\
import trio

from fuzzcopy import Kernel
from fuzzcopy.kernel import BufferedWrite


class ForeignWrite(BufferedWrite):
    async def prepare(self, cpu, buffer, position, length):
        await trio.sleep(0.001)


class ForeignKernel(Kernel):
    write_path = ForeignWrite
"""
