"""Loads and stores of a program itself."""

from __future__ import annotations

from collections.abc import Sequence
from errno import EFAULT

from fuzzcopy.kernel.buffer import split
from fuzzcopy.kernel.path import Path
from fuzzcopy.machine import Cpu


class UserAccess(Path):
    """What a program does to its own memory; a fault that cannot be handled ends it."""

    async def load(self, cpu: Cpu, address: int, length: int) -> int:
        """Load ``length`` bytes. Returns how many, or ``-EFAULT`` for a signal."""
        machine = self.machine
        done = 0
        for at, n in split(address, length, machine.chunk):
            while (cells := await machine.mmu.load(cpu, at, n)) is None:
                if not await self.kernel.fault.handle(cpu, at, False):
                    return -EFAULT
            for tell in self.scheduler.bus.loaded:
                tell(cpu, at, cells)
            done += n
        return done

    async def store(self, cpu: Cpu, address: int, cells: Sequence[int]) -> int:
        """Store ``cells``. Returns how many, or ``-EFAULT`` for a signal."""
        machine = self.machine
        done = 0
        for at, n in split(address, len(cells), machine.chunk):
            part = cells[done : done + n]
            while not await machine.mmu.store(cpu, at, part):
                if not await self.kernel.fault.handle(cpu, at, True):
                    return -EFAULT
            for tell in self.scheduler.bus.stored:
                tell(cpu, at, part)
            done += n
        return done
