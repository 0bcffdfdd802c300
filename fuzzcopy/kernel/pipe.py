"""Pipes: a ring of pages, and writing to and reading from it."""

from __future__ import annotations

from errno import EAGAIN, EFAULT, ENOMEM

from fuzzcopy.kernel.buffer import UserBuffer
from fuzzcopy.kernel.page import Page
from fuzzcopy.kernel.path import Path
from fuzzcopy.machine import Cpu
from fuzzcopy.sched import Mutex, Scheduler


class PipeBuffer:
    """One slot of the ring: ``length`` bytes from ``start`` of ``page``, with a reference to it.

    ``can_merge``: a write may add to the page, behind those bytes. The slots are used again and
    again; whoever fills one sets everything in it.
    """

    __slots__ = ("can_merge", "length", "page", "start")

    def __init__(self) -> None:
        self.page: Page | None = None
        self.start = 0
        self.length = 0
        self.can_merge = False


class Pipe:
    """A ring of slots. Everything in it is used with ``lock`` held (Linux: ``pipe->mutex``).

    The lock comes before the mmap lock: the copies may fault.
    """

    def __init__(self, scheduler: Scheduler, name: str, slots: int) -> None:
        self.name = name
        self.lock = Mutex(scheduler, "pipe", name)
        self.slots = [PipeBuffer() for _ in range(slots)]
        self.head = 0
        self.tail = 0

    def __str__(self) -> str:
        return self.name

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to read."""
        return self.head == self.tail

    @property
    def is_full(self) -> bool:
        """Whether every slot is taken."""
        return self.head - self.tail == len(self.slots)

    @property
    def oldest(self) -> PipeBuffer:
        """The slot to read from next."""
        return self.slots[self.tail % len(self.slots)]

    @property
    def newest(self) -> PipeBuffer:
        """The slot filled last."""
        return self.slots[(self.head - 1) % len(self.slots)]

    def claim(self) -> PipeBuffer:
        """The next free slot, to be filled; what is in it is what its last user left."""
        self.head += 1
        return self.newest

    def fill(self, page: Page, length: int) -> None:
        """Put ``length`` bytes that were written, at the start of ``page``, into the next slot."""
        slot = self.claim()
        slot.page, slot.start, slot.length, slot.can_merge = page, 0, length, True

    def drop(self) -> Page:
        """Let go of the oldest slot; the caller puts its page."""
        page, self.oldest.page = self.oldest.page, None
        self.tail += 1
        assert page is not None
        return page


class PipeIo(Path):
    """``pipe_write`` and ``pipe_read``, with ``O_NONBLOCK``."""

    async def write(self, cpu: Cpu, pipe: Pipe, buffer: UserBuffer) -> int:
        """Put ``buffer`` into the pipe.

        Returns the bytes written, ``-EAGAIN`` if the ring is full, ``-EFAULT``, or ``-ENOMEM``.
        As in Linux, what is not whole pages goes behind what was written last, if it fits there.
        """
        async with pipe.lock:
            done = 0
            odd = buffer.length % self.page_size
            if odd and not pipe.is_empty and self.has_room(pipe.newest, odd):
                done = await self.append(cpu, pipe.newest, buffer, odd)
                if done < odd:
                    return done or -EFAULT
            while done < buffer.length:
                if pipe.is_full:
                    return done or -EAGAIN
                length = min(buffer.length - done, self.page_size)
                copied = await self.add_page(cpu, pipe, buffer, done, length)
                if copied < length:
                    return done + max(copied, 0) or copied or -EFAULT
                done += copied
        return done

    def has_room(self, slot: PipeBuffer, length: int) -> bool:
        """Whether ``length`` bytes may be added to the page that ``slot`` has."""
        return slot.can_merge and slot.start + slot.length + length <= self.page_size

    async def append(self, cpu: Cpu, slot: PipeBuffer, buffer: UserBuffer, length: int) -> int:
        """Add ``length`` bytes of ``buffer`` to the page of ``slot``; returns how many it took."""
        page = slot.page
        assert page is not None
        at = slot.start + slot.length
        copied = await self.kernel.copy.from_user(cpu, page, at, buffer, 0, length)
        slot.length += copied
        return copied

    async def add_page(
        self, cpu: Cpu, pipe: Pipe, buffer: UserBuffer, position: int, length: int
    ) -> int:
        """Put up to a page into a slot of its own; returns how many bytes, or ``-ENOMEM``."""
        frame = await self.machine.memory.alloc()
        if frame is None:
            return -ENOMEM
        page = self.kernel.new_page(f"page of {pipe}", frame)
        copied = await self.kernel.copy.from_user(cpu, page, 0, buffer, position, length)
        if not copied:
            await self.kernel.cache.put(page)
            return 0
        pipe.fill(page, copied)
        return copied

    async def read(self, cpu: Cpu, pipe: Pipe, buffer: UserBuffer) -> int:
        """Take bytes out of the ring into ``buffer``.

        Returns how many, ``-EAGAIN`` if there are none, or ``-EFAULT``.
        """
        async with pipe.lock:
            if pipe.is_empty and buffer.length:
                return -EAGAIN
            done = 0
            while done < buffer.length and not pipe.is_empty:
                slot = pipe.oldest
                page = slot.page
                assert page is not None
                length = min(slot.length, buffer.length - done)
                copied = await self.kernel.copy.to_user(cpu, page, slot.start, buffer, done, length)
                slot.start += copied
                slot.length -= copied
                done += copied
                if not slot.length:
                    await self.kernel.cache.put(pipe.drop())
                if copied < length:
                    return done or -EFAULT
        return done
