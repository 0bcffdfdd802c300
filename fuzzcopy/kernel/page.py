"""A page: what the kernel knows about one frame in use (Linux: ``struct page``, folio).

Its flags share one word, so they share one footprint: the page. Every flag access is a step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fuzzcopy.sched import Mutex, Scheduler, WaitQueue

if TYPE_CHECKING:
    from fuzzcopy.kernel.file import File
    from fuzzcopy.machine import Frame


class Page:
    """One frame's worth of a file in the page cache, or of anonymous memory.

    - ``file`` is the cache that the page is in: ``None`` if it is anonymous, or was truncated
      or reclaimed while somebody still had a reference. Changes only under the page lock.
    - *uptodate*: the page is at least as new as the disk. Set after the data is there.
    - ``refs`` counts the cache, each page-table entry and each temporary user once; the frame
      is freed with the last reference. Steps that count say the page's ``name``, not the page: a
      lookup, which takes a reference, knows only the place.
    - ``mapcount`` counts the page-table entries alone, ``snapshots`` the snapshots of memory that
      share the page, ``pins`` those users that a device works for.
    - ``forked``: an anonymous page that several processes may show, none of which may write to it.
    - ``lent``: an entry of somebody's own memory shows the page in place of a copy of it (zero
      copy). Whoever wants to change the page first puts a copy into the cache in its place
      (:meth:`PageCache.take_back`). Changes only under the page lock.
    """

    __slots__ = (
        "anonymous",
        "dirty",
        "file",
        "forked",
        "frame",
        "index",
        "lent",
        "lock",
        "mapcount",
        "name",
        "pins",
        "refs",
        "scheduler",
        "snapshots",
        "uptodate",
        "writeback",
        "writeback_over",
    )

    def __init__(self, scheduler: Scheduler, name: str, frame: Frame) -> None:
        self.scheduler = scheduler
        self.name = name
        self.frame = frame
        self.file: File | None = None
        self.index = 0
        self.lock = Mutex(scheduler, "page", name)
        self.refs = 1
        self.mapcount = 0
        self.snapshots = 0
        self.pins = 0
        self.anonymous = False
        self.forked = False
        self.uptodate = False
        self.dirty = False
        self.writeback = False
        self.lent = False
        self.writeback_over: WaitQueue | None = None

    def __str__(self) -> str:
        return self.name

    async def is_uptodate(self) -> bool:
        """Whether the page is at least as new as the disk."""
        scheduler = self.scheduler
        if scheduler.turn("page.uptodate?", self, False):
            await scheduler.pass_baton()
        return self.uptodate

    async def is_dirty(self) -> bool:
        """Whether the page is newer than the disk."""
        scheduler = self.scheduler
        if scheduler.turn("page.dirty?", self, False):
            await scheduler.pass_baton()
        return self.dirty

    async def is_under_writeback(self) -> bool:
        """Whether an I/O is writing the page."""
        scheduler = self.scheduler
        if scheduler.turn("page.writeback?", self, False):
            await scheduler.pass_baton()
        return self.writeback

    async def is_mapped(self) -> bool:
        """Whether any page-table entry shows the page."""
        scheduler = self.scheduler
        if scheduler.turn("page.mapped?", self, False):
            await scheduler.pass_baton()
        return self.mapcount > 0

    async def is_kept(self) -> bool:
        """Whether a snapshot needs the page to stay as it is."""
        scheduler = self.scheduler
        if scheduler.turn("page.kept?", self, False):
            await scheduler.pass_baton()
        return self.snapshots > 0

    async def is_used(self) -> bool:
        """Whether somebody has a reference besides page-table entries and snapshots."""
        scheduler = self.scheduler
        if scheduler.turn("page.used?", self, False):
            await scheduler.pass_baton()
        scheduler.touch(self.name, False)
        return self.refs > self.mapcount + self.snapshots

    async def keep(self, more: int) -> None:
        """So many ``more`` snapshots share the page."""
        scheduler = self.scheduler
        if scheduler.turn("page.keep", self, True):
            await scheduler.pass_baton()
        self.snapshots += more

    async def is_exclusive(self) -> bool:
        """Whether the anonymous page belongs to one process; its last user has it alone again."""
        scheduler = self.scheduler
        if scheduler.turn("page.exclusive?", self, True):
            await scheduler.pass_baton()
        scheduler.touch(self.name, False)
        if self.forked and self.refs == 1:
            self.forked = False
        return not self.forked

    async def is_pinned(self) -> bool:
        """Whether a device works with the page."""
        scheduler = self.scheduler
        if scheduler.turn("page.pinned?", self, False):
            await scheduler.pass_baton()
        return self.pins > 0

    async def try_pin(self) -> bool:
        """Take a reference for a device, unless nobody may (:meth:`File.freeze`)."""
        scheduler = self.scheduler
        if scheduler.turn("page.try_pin", self.name, True):
            await scheduler.pass_baton()
        if self.refs == 0:
            return False
        scheduler.touch(self)
        self.refs += 1
        self.pins += 1
        return True

    async def unpin(self) -> None:
        """A device is done with the page. Its reference is still to be put."""
        scheduler = self.scheduler
        if scheduler.turn("page.unpin", self, True):
            await scheduler.pass_baton()
        self.pins -= 1

    async def unmapped(self) -> None:
        """A page-table entry that showed the page is gone from every TLB."""
        scheduler = self.scheduler
        if scheduler.turn("page.unmapped", self, True):
            await scheduler.pass_baton()
        self.mapcount -= 1

    async def move_to(self, frame: Frame) -> None:
        """The page, locked and in nobody else's hands, is in another frame from now on."""
        scheduler = self.scheduler
        if scheduler.turn("page.move", self, True):
            await scheduler.pass_baton()
        self.frame = frame

    async def belongs_to(self, file: File) -> bool:
        """Whether the page is (still) in the page cache of ``file``."""
        scheduler = self.scheduler
        if scheduler.turn("page.mapping?", self, False):
            await scheduler.pass_baton()
        return self.file is file

    async def set_uptodate(self) -> None:
        """The data is there: let the page be shown."""
        scheduler = self.scheduler
        if scheduler.turn("page.set_uptodate", self, True):
            await scheduler.pass_baton()
        self.mark("uptodate", True)

    async def set_dirty(self) -> None:
        """The page must be written back."""
        scheduler = self.scheduler
        if scheduler.turn("page.set_dirty", self, True):
            await scheduler.pass_baton()
        self.mark("dirty", True)

    async def clear_dirty(self) -> bool:
        """Test and clear the dirty flag in one step."""
        scheduler = self.scheduler
        if scheduler.turn("page.clear_dirty", self, True):
            await scheduler.pass_baton()
        was = self.dirty
        self.mark("dirty", False)
        return was

    async def begin_writeback(self) -> None:
        """An I/O that writes the page is about to be submitted."""
        scheduler = self.scheduler
        if scheduler.turn("page.set_writeback", self, True):
            await scheduler.pass_baton()
        self.mark("writeback", True)

    def end_writeback(self) -> None:
        """The I/O is over (called by its completion)."""
        self.mark("writeback", False)
        if self.writeback_over is not None:
            self.writeback_over.wake_all()

    async def wait_for_writeback(self) -> None:
        """Sleep until no I/O writes the page."""
        scheduler = self.scheduler
        me = scheduler.current
        assert me is not None
        for tell in scheduler.bus.awaited:
            tell(me, "writeback", self.name)
        while True:
            if not await self.is_under_writeback():
                return
            if self.writeback_over is None:
                self.writeback_over = WaitQueue(scheduler, f"writeback of {self.name}")
            await self.writeback_over.wait()

    def mark(self, flag: str, value: bool) -> None:
        """Set a flag and announce it, without a preemption point."""
        if getattr(self, flag) is not value:
            setattr(self, flag, value)
            for tell in self.scheduler.bus.page_flag:
                tell(self, flag, value)
