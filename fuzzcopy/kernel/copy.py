"""Copying between user memory and a page, in chunks; sleeping, or failing instead of faulting."""

from __future__ import annotations

from fuzzcopy.kernel.buffer import UserBuffer
from fuzzcopy.kernel.page import Page
from fuzzcopy.kernel.path import Path
from fuzzcopy.machine import Cpu


class UserCopy(Path):
    """``copy_from_user`` and ``copy_to_user``, and touching user pages beforehand.

    Copies return the number of bytes copied and zero nothing. Fewer than asked means that the
    next byte cannot be had: at all, or, for an atomic copy, without handling a fault.
    """

    async def from_user(
        self, cpu: Cpu, page: Page, start: int, buffer: UserBuffer, position: int, length: int
    ) -> int:
        """Copy into ``page`` from byte ``start`` on; may sleep in page faults."""
        machine = self.machine
        done = 0
        for address, n in buffer.runs(position, length, machine.chunk, self.page_size):
            while (cells := await machine.mmu.load(cpu, address, n)) is None:
                if not await self._fault(cpu, address, False):
                    self._short(cpu, done, length)
                    return done
            for tell in self.scheduler.bus.copied_from_user:
                tell(cpu, page, start + done, buffer, position + done, cells)
            await machine.memory.write(cpu, page.frame, start + done, cells)
            done += n
        return done

    async def to_user(
        self, cpu: Cpu, page: Page, start: int, buffer: UserBuffer, position: int, length: int
    ) -> int:
        """Copy out of ``page`` from byte ``start`` on; may sleep in page faults."""
        machine = self.machine
        done = 0
        for address, n in buffer.runs(position, length, machine.chunk, self.page_size):
            cells = await machine.memory.read(cpu, page.frame, start + done, start + done + n)
            while not await machine.mmu.store(cpu, address, cells):
                if not await self._fault(cpu, address, True):
                    self._short(cpu, done, length)
                    return done
            for tell in self.scheduler.bus.copied_to_user:
                tell(cpu, page, start + done, buffer, position + done, cells)
            done += n
        return done

    async def from_user_atomic(
        self, cpu: Cpu, page: Page, start: int, buffer: UserBuffer, position: int, length: int
    ) -> int:
        """:meth:`from_user` with page faults disabled: comes back short instead of sleeping."""
        cpu.disable_faults()
        done = await self.from_user(cpu, page, start, buffer, position, length)
        cpu.enable_faults()
        return done

    async def to_user_atomic(
        self, cpu: Cpu, page: Page, start: int, buffer: UserBuffer, position: int, length: int
    ) -> int:
        """:meth:`to_user` with page faults disabled: comes back short instead of sleeping."""
        cpu.disable_faults()
        done = await self.to_user(cpu, page, start, buffer, position, length)
        cpu.enable_faults()
        return done

    async def fault_in(self, cpu: Cpu, buffer: UserBuffer, position: int, length: int) -> int:
        """Touch every user page of the range, beginning with the exact byte at ``position``.

        Returns how many bytes are missing, from the first that cannot be had on: 0 means that
        all are there, ``length`` that none is. Must not be called with a page locked.
        """
        missing = length
        page_size = self.page_size
        for address, n in buffer.runs(position, length, page_size, page_size):
            while await self.machine.mmu.load(cpu, address, 1) is None:
                if not await self._fault(cpu, address, False):
                    return missing
            missing -= n
        return missing

    def _short(self, cpu: Cpu, copied: int, length: int) -> None:
        for tell in self.scheduler.bus.copied_short:
            tell(cpu, copied, length)

    async def _fault(self, cpu: Cpu, address: int, write: bool) -> bool:
        if cpu.faults_disabled:
            return False
        return await self.kernel.fault.handle(cpu, address, write)
