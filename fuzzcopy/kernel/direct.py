"""Direct I/O: whole pages between the disk and pinned user memory, past the page cache."""

from __future__ import annotations

from collections.abc import Sequence
from errno import EIO

from fuzzcopy.kernel.buffer import UserBuffer
from fuzzcopy.kernel.file import File
from fuzzcopy.kernel.path import Path
from fuzzcopy.kernel.pin import Pinned
from fuzzcopy.machine import Cpu
from fuzzcopy.sched import Completion


class DirectTransfer(Completion):
    """An I/O on a pinned page; ``failed`` says, when it is over, how it went."""

    failed = False

    def fail(self) -> None:
        """It is over, and nothing was moved."""
        self.failed = True
        self.complete()


class DirectIo(Path):
    """``read`` and ``write`` with ``O_DIRECT``, under the inode lock.

    The cache is made to agree with the disk before the I/O and, for a write, once more after it: a
    fault may have brought the old bytes in meanwhile. What cannot be done directly (the part of a
    page at the end of the file, memory that cannot be pinned, a page that somebody goes on
    dirtying) goes through the cache, as in Linux.

    If the disk fails for any page, the call fails with ``-EIO``, whatever has been moved already.
    """

    async def read(self, cpu: Cpu, file: File, first: int, buffer: UserBuffer, pages: int) -> int:
        """Read ``pages`` pages of ``file`` from page ``first`` on into ``buffer``, page by page.

        Returns the bytes read, possibly fewer, or an error as a buffered read does.
        """
        async with file.lock:
            await self.kernel.writeback.sync(cpu, file)
            whole = min(pages, await file.size.get() // self.page_size - first)
            pinned = await self.pin(cpu, buffer, whole, write=True)
            ios = []
            for i, place in enumerate(pinned):
                ios += await self.submit_read(cpu, file, first + i, place)
            good = await self.wait(ios)
            for place in pinned:
                await place.page.set_dirty()  # no CPU has set the entry's bit
            await self.unpin(pinned)
        if not good:
            return -EIO
        done = len(pinned) * self.page_size
        if done == buffer.length:
            return done
        at = first * self.page_size + done
        rest = await self.kernel.read.read(cpu, file, at, buffer.rest(done))
        return done + max(rest, 0) or rest

    async def write(self, cpu: Cpu, file: File, first: int, buffer: UserBuffer, pages: int) -> int:
        """Write ``pages`` pages of ``buffer`` to ``file`` from page ``first`` on.

        Returns the bytes written, possibly fewer, or an error as a buffered write does.
        """
        async with file.lock:
            await self.kernel.writeback.sync(cpu, file)
            pinned: list[Pinned] = []
            if await self.invalidate(cpu, file, first, pages):
                pinned = await self.pin(cpu, buffer, pages, write=False)
            ios = []
            for i, place in enumerate(pinned):
                ios.append(await self.submit_write(cpu, file, first + i, place))
            good = await self.wait(ios)
            await self.unpin(pinned)
            if pinned:
                await self.after_write(cpu, file, first, len(pinned), good)
            if not good:
                return -EIO
            done = len(pinned) * self.page_size
            if done == buffer.length:
                return done
            at = first * self.page_size + done
            rest = await self.kernel.write.perform(cpu, file, at, buffer.rest(done))
        return done + max(rest, 0) or rest

    async def wait(self, ios: Sequence[DirectTransfer]) -> bool:
        """Wait for all of ``ios``; whether none has failed."""
        for io in ios:
            await io.wait()
        return not any(io.failed for io in ios)

    async def after_write(
        self, cpu: Cpu, file: File, first: int, pages: int, good: bool = True
    ) -> None:
        """The data is on the disk: the cache must not show older bytes, and the file may be longer.

        Not longer unless all is ``good``; what got there may still be newer than the cache.

        If a page cannot be dropped, as it was dirtied meanwhile, it will overwrite on the disk what
        has just been written. That is reported to whoever syncs the file next.
        """
        if not await self.invalidate(cpu, file, first, pages):
            await self.report(file)
        end = (first + pages) * self.page_size
        if good and end > await file.size.get():
            await file.size.set(end)

    async def report(self, file: File) -> None:
        """Let the next fsync fail with ``-EIO``."""
        await file.errors.report()

    async def invalidate(self, cpu: Cpu, file: File, first: int, pages: int) -> bool:
        """Drop the cached pages of a range; false if one was dirty."""
        gone = True
        for index in range(first, first + pages):
            gone = await self.kernel.invalidate.drop(cpu, file, index) and gone
        return gone

    async def pin(self, cpu: Cpu, buffer: UserBuffer, pages: int, *, write: bool) -> list[Pinned]:
        """Pin up to ``pages`` pages of ``buffer`` for a device; the first that cannot be ends it.

        For writing, only the process's own: a page of a file may leave the file while it is
        pinned, and what is put there then is lost. A device does not know of memory tags.
        """
        kernel = self.kernel
        space = kernel.space_of(cpu)
        pinned: list[Pinned] = []
        while len(pinned) < pages:
            address, _ = buffer.locate(len(pinned) * self.page_size)
            vpn = address // self.page_size
            place = await kernel.pin.pin_fast(cpu, space, vpn, write=write)
            if place is None:
                async with space.mmap_lock.read:
                    place = await kernel.pin.pin(cpu, space, vpn, write=write, device=True)
            if place is None:
                break
            pinned.append(place)
            if write and not place.page.anonymous:
                await self.unpin([pinned.pop()])
                break
        return pinned

    async def unpin(self, pinned: list[Pinned]) -> None:
        """The device is done with these pages."""
        for place in pinned:
            await place.page.unpin()
            await self.kernel.cache.put(place.page)

    async def submit_read(
        self, cpu: Cpu, file: File, index: int, place: Pinned
    ) -> list[DirectTransfer]:
        """Let the disk fill a pinned page; a hole of the file is nothing to wait for."""
        page = place.page
        if (await file.extents.find(index)).state != "written":
            await self.kernel.cache.zero(cpu, page, 0, self.page_size)
            self._tell_written(cpu, place)
            return []
        io = DirectTransfer(self.scheduler, f"direct read of {file.place(index)}")

        def done() -> None:
            self._tell_written(cpu, place)
            io.complete()

        self.machine.disk.read((file.name, index), page.frame, done, io.fail)
        return [io]

    async def submit_write(self, cpu: Cpu, file: File, index: int, place: Pinned) -> DirectTransfer:
        """Let the disk have a pinned page."""
        await self.kernel.allocate.reserve(file, index)
        io = DirectTransfer(self.scheduler, f"direct write of {file.place(index)}")

        def done() -> None:
            file.extents.put(index, "written")
            address = place.vpn * self.page_size
            for tell in self.scheduler.bus.pin_read:
                tell(cpu, place, address, place.page.frame.cells[:])
            io.complete()

        self.machine.disk.write((file.name, index), place.page.frame, done, io.fail)
        return io

    def _tell_written(self, cpu: Cpu, place: Pinned) -> None:
        for tell in self.scheduler.bus.pin_written:
            tell(cpu, place, place.vpn * self.page_size, place.page.frame.cells[:])
