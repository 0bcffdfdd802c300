"""Kernels whose lock orders contradict each other, in earnest or in appearance."""

from fuzzcopy import Kernel
from fuzzcopy.kernel import BufferedWrite, Writeback
from fuzzcopy.sched import Mutex


class UpperWrite(BufferedWrite):
    async def write(self, cpu, file, offset, buffer):
        async with self.kernel.upper:
            return await super().write(cpu, file, offset, buffer)


class LowerWriteback(Writeback):
    async def clean_and_submit(self, cpu, file, page):
        async with self.kernel.lower:
            await super().clean_and_submit(cpu, file, page)


class TwoJournals(Kernel):
    """Two locks of one class: ``upper`` always before a page lock, ``lower`` always after one.

    By classes that is a cycle. No program can make it hang: they are never the same lock.
    """

    write_path = UpperWrite
    writeback_path = LowerWriteback

    def __init__(self, machine):
        super().__init__(machine)
        self.upper = Mutex(machine.scheduler, "journal", "upper")
        self.lower = Mutex(machine.scheduler, "journal", "lower")


class OneJournal(TwoJournals):
    """The same with one lock in both places: a real inversion."""

    def __init__(self, machine):
        super().__init__(machine)
        self.lower = self.upper


class BoundWrite(UpperWrite):
    async def copy(self, cpu, page, start, buffer, position, length):
        async with self.kernel.index, self.kernel.blocks:
            return await super().copy(cpu, page, start, buffer, position, length)


class BoundWriteback(Writeback):
    async def clean_and_submit(self, cpu, file, page):
        async with self.kernel.lower, self.kernel.blocks, self.kernel.index:
            await super().clean_and_submit(cpu, file, page)


class OtherHang(TwoJournals):
    """The false alarm, and below it two more locks in orders that do hang.

    Whoever hangs in these holds his journal and his page in the orders of the false alarm.
    """

    write_path = BoundWrite
    writeback_path = BoundWriteback

    def __init__(self, machine):
        super().__init__(machine)
        self.index = Mutex(machine.scheduler, "index", "index")
        self.blocks = Mutex(machine.scheduler, "blocks", "blocks")
