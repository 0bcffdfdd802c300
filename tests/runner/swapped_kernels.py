"""Kernels that swap a function, of the reference and of a design."""

from fuzzcopy.designs.two_copy import TwoCopyWrite
from fuzzcopy.kernel import BufferedWrite, Kernel


class Extended(BufferedWrite):
    """One line more than the reference."""

    async def prepare(self, cpu, buffer, position, length):
        await self.kernel.copy.fault_in(cpu, buffer, position, length)

    def extra(self):
        return 1


class ExtendedKernel(Kernel):
    write_path = Extended


class Trusting(TwoCopyWrite):
    async def still_there(self, page, file):
        # It surely is.
        return True


class TrustingKernel(Kernel):
    write_path = Trusting
