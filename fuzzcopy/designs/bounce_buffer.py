"""Both directions by way of a buffer of the kernel's own."""

from __future__ import annotations

from fuzzcopy.designs.design import Design
from fuzzcopy.kernel import UserBuffer, UserCopy
from fuzzcopy.kernel.page import Page
from fuzzcopy.machine import Cpu


class BounceCopy(UserCopy):
    """Every copy goes through a page that nobody else knows."""

    async def from_user(
        self, cpu: Cpu, page: Page, start: int, buffer: UserBuffer, position: int, length: int
    ) -> int:
        bounce = await self._bounce(cpu)
        if bounce is None:
            return await super().from_user(cpu, page, start, buffer, position, length)
        copied = await super().from_user(cpu, bounce, start, buffer, position, length)
        await self._move(cpu, bounce, page, start, copied)
        await self.kernel.cache.put(bounce)
        return copied

    async def to_user(
        self, cpu: Cpu, page: Page, start: int, buffer: UserBuffer, position: int, length: int
    ) -> int:
        bounce = await self._bounce(cpu)
        if bounce is None:
            return await super().to_user(cpu, page, start, buffer, position, length)
        await self._move(cpu, page, bounce, start, length)
        copied = await super().to_user(cpu, bounce, start, buffer, position, length)
        await self.kernel.cache.put(bounce)
        return copied

    async def _bounce(self, cpu: Cpu) -> Page | None:
        # Not by way of reclaim: the copy may be one that must not sleep.
        frame = await self.machine.memory.alloc()
        return None if frame is None else self.kernel.new_page(f"bounce buffer of {cpu}", frame)

    async def _move(self, cpu: Cpu, source: Page, target: Page, start: int, length: int) -> None:
        if length:
            memory = self.machine.memory
            cells = await memory.read(cpu, source.frame, start, start + length)
            await memory.write(cpu, target.frame, start, cells)


class BounceBuffer(Design):
    """Every copy goes through a buffer of the kernel's own.

    The page of the file is touched only by copies that cannot fault. That is safe, even if the
    first half were allowed to sleep, and it pays for every byte twice.
    """

    name = "bounce-buffer"
    used_by = "swiotlb and DMA bounce buffers; file systems that encrypt or compress"
    copy_path = BounceCopy
