"""Locks that a path takes before their place, for a lock order other than the documented one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fuzzcopy.kernel.file import File
    from fuzzcopy.kernel.kernel import Kernel
    from fuzzcopy.kernel.page import Page
    from fuzzcopy.kernel.space import AddressSpace
    from fuzzcopy.sched import Lock, Mutex, RwLock, Scheduler

Moved = Mapping[tuple[str, str], Sequence[str]]
"""Of a path and a lock class of it: the classes that it takes before that, in this order, although
their place is after it."""

DOCUMENTED: Moved = {}
"""Every lock is taken in its place."""


@dataclass(slots=True)
class Early:
    """``async with``: holds locks of the classes ``kinds``, taken one after the other.

    ``files`` and ``space`` are those that the path is about. Their pages are those at ``index``,
    or else what is cached from ``first`` on, before ``end``. With ``alone``,
    reader-writer locks are held alone. Page-table locks are that of ``space``, or else those of
    whoever maps the files.
    """

    kernel: Kernel
    kinds: Sequence[str]
    files: Sequence[File]
    space: AddressSpace | None = None
    index: int | None = None
    first: int = 0
    end: int = 0
    alone: bool = False
    _taken: list[tuple[Lock, Page | None]] = field(default_factory=list)

    async def __aenter__(self) -> None:
        for kind in self.kinds:
            match kind:
                case "mmap":
                    assert self.space is not None
                    await self._take_side(self.space.mmap_lock, alone=False)
                case "inode":
                    for file in self.files:
                        await self._take(file.lock)
                case "invalidate":
                    for file in self.files:
                        await self._take_side(file.invalidate, alone=self.alone)
                case "fs":
                    for file in self.files:
                        await self._take_side(file.fs_lock, alone=self.alone)
                case "page":
                    for file in self.files:
                        await self._take_pages(file)
                case "rmap":
                    for file in self.files:
                        await self._take_side(file.rmap_lock, alone=False)
                case _:
                    for space in self._spaces():
                        await self._take(space.ptl)

    async def __aexit__(self, *_: object) -> None:
        for lock, page in reversed(self._taken):
            if self.kernel.machine.scheduler.stopped:
                return
            lock.release_early()
            if page is not None:
                await self.kernel.cache.put(page)

    async def _take(self, lock: Mutex, page: Page | None = None) -> None:
        await lock.acquire()
        self._hold(lock, page)

    async def _take_side(self, lock: RwLock, *, alone: bool) -> None:
        await (lock.write if alone else lock.read).acquire()
        self._hold(lock)

    async def _take_pages(self, file: File) -> None:
        if self.index is not None:
            page = await self.kernel.cache.grab(file, self.index)
            if page is not None:
                self._hold(page.lock, page)
            return
        for index in await file.cached(self.first):
            page = await file.find(index) if index < self.end else None
            if page is not None:
                await self._take(page.lock, page)

    def _hold(self, lock: Lock, page: Page | None = None) -> None:
        lock.hold_early()
        self._taken.append((lock, page))

    def _spaces(self) -> Sequence[AddressSpace]:
        if self.space is not None:
            return [self.space]
        mapping = [vma.space for file in self.files for vma in file.vmas]
        return [space for space in self.kernel.spaces if space in mapping]


class Nothing:
    """``async with``: does nothing. What a path takes early in the documented order."""

    async def __aenter__(self) -> None:
        pass

    async def __aexit__(self, *_: object) -> None:
        pass


NOTHING = Nothing()


class Apart:
    """``with``: a path that another one calls, and that takes its locks in an order of its own.

    What is held early is held, all the same: to take it once more would hang. But ``ours`` is taken
    on behalf of the caller.
    """

    __slots__ = ("_early", "_ours", "_task")

    def __init__(self, scheduler: Scheduler, ours: Lock | None = None) -> None:
        assert scheduler.current is not None
        self._task = scheduler.current
        self._ours = ours

    def __enter__(self) -> None:
        self._early = self._task.early
        if self._early:
            self._task.early = tuple(lock for lock in self._early if lock is self._ours)

    def __exit__(self, *_: object) -> None:
        self._task.early = self._early
