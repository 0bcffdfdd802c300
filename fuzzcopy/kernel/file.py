"""A file: its size, its locks, and the index of its pages in the page cache."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fuzzcopy.kernel.errseq import Errors
from fuzzcopy.kernel.extents import Extents
from fuzzcopy.sched import Cell, Mutex, RwLock, Scheduler, WaitQueue

if TYPE_CHECKING:
    from fuzzcopy.kernel.page import Page
    from fuzzcopy.kernel.space import Vma

ANY = -1
"""Stands for every place of the index in a footprint."""


class File:
    """An inode and its mapping.

    - ``lock`` serialises writers and truncation;
    - ``invalidate`` is held shared while pages are brought in, alone while they are taken out;
    - ``fs_lock`` is the file system's own (gfs2: glock, btrfs: extent lock): shared to bring a page
      in, alone to change one. A page fault needs it, so nobody may fault while holding it;
    - ``extents`` says where its bytes are on the disk; it has no lock, but a cookie;
    - ``errors`` counts what went wrong with written data behind its writer's back;
    - ``rmap_lock`` guards ``vmas``, the mappings of this file (Linux: ``i_mmap``).

    A place in the index and the reference count of the page there are one footprint, as they
    are changed together: a lookup takes a reference, a removal needs the count to be low.
    """

    def __init__(self, scheduler: Scheduler, name: str, size: int) -> None:
        self.scheduler = scheduler
        self.name = name
        self.size = Cell(scheduler, f"{name}.size", size)
        self.extents = Extents(scheduler, name)
        self.errors = Errors(scheduler, name)
        self.lock = Mutex(scheduler, "inode", name)
        self.invalidate = RwLock(scheduler, "invalidate", name)
        self.fs_lock = RwLock(scheduler, "fs", name)
        self.rmap_lock = RwLock(scheduler, "rmap", name)
        self._vmas: list[Vma] = []
        self.pages: dict[int, Page] = {}
        self._thawed = WaitQueue(scheduler, f"frozen page of {name}")
        self._places: dict[int, str] = {}

    def __str__(self) -> str:
        return self.name

    def place(self, index: int) -> str:
        """The name of a page's place in the index: ``f0:2``."""
        name = self._places.get(index)
        if name is None:
            name = f"{self.name}:*" if index == ANY else f"{self.name}:{index}"
            self._places[index] = name
        return name

    @property
    def vmas(self) -> list[Vma]:
        """The mappings of this file. Only with ``rmap_lock`` held."""
        assert self.scheduler.current is None or self.rmap_lock.held_by(self.scheduler.current), (
            f"the mappings of {self} are used without its rmap_lock"
        )
        return self._vmas

    async def cached(self, first: int = 0) -> list[int]:
        """The indices from ``first`` on at which a page is cached now, ascending."""
        scheduler = self.scheduler
        if scheduler.turn("cache.list", self.place(ANY), False):
            await scheduler.pass_baton()
        return sorted(index for index in self.pages if index >= first)

    async def find(self, index: int) -> Page | None:
        """The cached page at ``index`` with a reference taken, or ``None``."""
        scheduler = self.scheduler
        if scheduler.turn("cache.find", self.place(index), True):
            await scheduler.pass_baton()
        page = self.pages.get(index)
        while page is not None and page.refs == 0:
            # Linux spins here; waiting instead keeps the spinning out of the search.
            await self._thawed.wait()
            page = self.pages.get(index)
        if page is not None:
            page.refs += 1
        return page

    async def insert(self, index: int, page: Page) -> bool:
        """Put ``page`` into an empty place; false if somebody was faster."""
        scheduler = self.scheduler
        if scheduler.turn("cache.insert", self.place(index), True):
            await scheduler.pass_baton()
        if index in self.pages:
            return False
        self.adopt(index, page)
        return True

    def adopt(self, index: int, page: Page) -> None:
        """:meth:`insert` without a preemption point, while the machine is being set up."""
        self.pages[index] = page
        page.file = self
        page.index = index
        page.refs += 1
        for tell in self.scheduler.bus.page_inserted:
            tell(page)

    async def exchange(self, page: Page, fresh: Page) -> None:
        """Put ``fresh`` in the place of ``page``, both locked, in one step.

        Nobody finds the place empty, and so nobody reads an old block into it. The reference of
        the cache to ``page`` goes with it: the caller has one of its own.
        """
        scheduler = self.scheduler
        if scheduler.turn("cache.exchange", self.place(page.index), True):
            await scheduler.pass_baton()
        page.file = None
        page.refs -= 1
        for tell in scheduler.bus.page_removed:
            tell(self, page)
        self.adopt(page.index, fresh)

    async def remove(self, page: Page, *, expected_refs: int | None = None) -> bool:
        """Take ``page`` (locked) out of the cache, with the cache's reference.

        With ``expected_refs``, only if that is exactly the count: nobody else is using it.
        """
        scheduler = self.scheduler
        if scheduler.turn("cache.remove", self.place(page.index), True):
            await scheduler.pass_baton()
        if expected_refs is not None and page.refs != expected_refs:
            return False
        del self.pages[page.index]
        page.file = None
        page.refs -= 1
        for tell in scheduler.bus.page_removed:
            tell(self, page)
        return True

    async def freeze(self, page: Page, *, expected_refs: int) -> bool:
        """Let nobody take a reference to ``page``, if there are exactly so many now."""
        scheduler = self.scheduler
        if scheduler.turn("cache.freeze", self.place(page.index), True):
            await scheduler.pass_baton()
        if page.refs != expected_refs:
            return False
        page.refs = 0
        return True

    async def thaw(self, page: Page, *, refs: int) -> None:
        """End a :meth:`freeze`."""
        scheduler = self.scheduler
        if scheduler.turn("cache.thaw", self.place(page.index), True):
            await scheduler.pass_baton()
        page.refs = refs
        self._thawed.wake_all()

    def dispose(self) -> None:
        """Let go of the pages and mappings, which know this file."""
        self.pages.clear()
        self._vmas.clear()
        for lock in (self.invalidate, self.fs_lock, self.rmap_lock):
            lock.dispose()
