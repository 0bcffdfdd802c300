"""The kernel: a set of paths, each replaceable alone."""

from __future__ import annotations

from collections.abc import Mapping as Map
from typing import ClassVar

from fuzzcopy.kernel.access import UserAccess
from fuzzcopy.kernel.allocate import Allocate
from fuzzcopy.kernel.cache import PageCache
from fuzzcopy.kernel.copy import UserCopy
from fuzzcopy.kernel.debug import Debug
from fuzzcopy.kernel.direct import DirectIo
from fuzzcopy.kernel.early import DOCUMENTED, Moved
from fuzzcopy.kernel.fault import Fault
from fuzzcopy.kernel.file import File
from fuzzcopy.kernel.fork import Fork
from fuzzcopy.kernel.invalidate import Invalidate
from fuzzcopy.kernel.lazyfree import LazyFree
from fuzzcopy.kernel.mapping import Mapping
from fuzzcopy.kernel.migrate import Migrate
from fuzzcopy.kernel.page import Page
from fuzzcopy.kernel.parts import check_methods, check_part
from fuzzcopy.kernel.pin import Pin
from fuzzcopy.kernel.pipe import Pipe, PipeIo
from fuzzcopy.kernel.populate import Populate
from fuzzcopy.kernel.protect import WriteProtect
from fuzzcopy.kernel.punch import Punch
from fuzzcopy.kernel.read import BufferedRead
from fuzzcopy.kernel.readahead import ReadAhead
from fuzzcopy.kernel.reclaim import Reclaim
from fuzzcopy.kernel.shootdown import Shootdown
from fuzzcopy.kernel.space import AddressSpace
from fuzzcopy.kernel.splice import Splice
from fuzzcopy.kernel.switch import ContextSwitch
from fuzzcopy.kernel.tables import Tables
from fuzzcopy.kernel.truncate import Truncate
from fuzzcopy.kernel.unmap import Unmap
from fuzzcopy.kernel.write import BufferedWrite
from fuzzcopy.kernel.writeback import Writeback
from fuzzcopy.machine import ZERO, Cells, Cpu, Frame, Machine


class Kernel:
    """The reference kernel, correct as shipped. To try a protocol of your own, swap a path::

        class MyWrite(BufferedWrite):
            async def copy(self, cpu, page, start, buffer, position, length):
                ...

        class MyKernel(Kernel):
            write_path = MyWrite

    Each ``*_path`` is the class of one path; ``self.kernel.write`` is this kernel's instance.
    """

    name: ClassVar[str] = "reference"
    """What regressions and reports call it; the class's own name unless it says otherwise."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        for name, value in vars(cls).items():
            check_part(Kernel, f"{cls.__name__}.{name}", name, value)
        check_methods(Kernel, cls)
        if "name" not in cls.__dict__:
            cls.name = cls.__name__

    access_path: ClassVar[type[UserAccess]] = UserAccess
    allocate_path: ClassVar[type[Allocate]] = Allocate
    cache_path: ClassVar[type[PageCache]] = PageCache
    copy_path: ClassVar[type[UserCopy]] = UserCopy
    debug_path: ClassVar[type[Debug]] = Debug
    direct_path: ClassVar[type[DirectIo]] = DirectIo
    fault_path: ClassVar[type[Fault]] = Fault
    fork_path: ClassVar[type[Fork]] = Fork
    invalidate_path: ClassVar[type[Invalidate]] = Invalidate
    lazyfree_path: ClassVar[type[LazyFree]] = LazyFree
    mapping_path: ClassVar[type[Mapping]] = Mapping
    migrate_path: ClassVar[type[Migrate]] = Migrate
    protect_path: ClassVar[type[WriteProtect]] = WriteProtect
    pin_path: ClassVar[type[Pin]] = Pin
    pipe_io_path: ClassVar[type[PipeIo]] = PipeIo
    populate_path: ClassVar[type[Populate]] = Populate
    punch_path: ClassVar[type[Punch]] = Punch
    read_path: ClassVar[type[BufferedRead]] = BufferedRead
    readahead_path: ClassVar[type[ReadAhead]] = ReadAhead
    reclaim_path: ClassVar[type[Reclaim]] = Reclaim
    shootdown_path: ClassVar[type[Shootdown]] = Shootdown
    splice_path: ClassVar[type[Splice]] = Splice
    switch_path: ClassVar[type[ContextSwitch]] = ContextSwitch
    tables_path: ClassVar[type[Tables]] = Tables
    truncate_path: ClassVar[type[Truncate]] = Truncate
    unmap_path: ClassVar[type[Unmap]] = Unmap
    write_path: ClassVar[type[BufferedWrite]] = BufferedWrite
    writeback_path: ClassVar[type[Writeback]] = Writeback

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.reordered: Moved = DOCUMENTED
        self.arranged: Map[str, str] = {}
        self.files: list[File] = []
        self.spaces: list[AddressSpace] = []
        self.pipes: list[Pipe] = []
        self._pages: dict[int, Page] = {}  # by frame
        self._loaded: list[AddressSpace | None] = [None] * len(machine.cpus)
        self.access = self.access_path(self)
        self.allocate = self.allocate_path(self)
        self.cache = self.cache_path(self)
        self.copy = self.copy_path(self)
        self.debug = self.debug_path(self)
        self.direct = self.direct_path(self)
        self.fault = self.fault_path(self)
        self.fork = self.fork_path(self)
        self.invalidate = self.invalidate_path(self)
        self.lazyfree = self.lazyfree_path(self)
        self.mapping = self.mapping_path(self)
        self.migrate = self.migrate_path(self)
        self.protect = self.protect_path(self)
        self.pin = self.pin_path(self)
        self.pipe_io = self.pipe_io_path(self)
        self.populate = self.populate_path(self)
        self.punch = self.punch_path(self)
        self.read = self.read_path(self)
        self.readahead = self.readahead_path(self)
        self.reclaim = self.reclaim_path(self)
        self.shootdown = self.shootdown_path(self)
        self.splice = self.splice_path(self)
        self.switch = self.switch_path(self)
        self.tables = self.tables_path(self)
        self.truncate = self.truncate_path(self)
        self.unmap = self.unmap_path(self)
        self.write = self.write_path(self)
        self.writeback = self.writeback_path(self)

    def new_page(self, name: str, frame: Frame) -> Page:
        """A page for a frame just allocated; the caller has its one reference."""
        self.machine.scheduler.touch(frame)
        page = self._pages[frame.index] = Page(self.machine.scheduler, name, frame)
        return page

    def moved(self, page: Page, old: Frame) -> None:
        """``page`` is no longer in the frame ``old``, but in its new one."""
        self.machine.scheduler.touch(old)
        self.machine.scheduler.touch(page.frame)
        self._pages.pop(old.index, None)
        self._pages[page.frame.index] = page

    def page_of(self, frame: Frame) -> Page:
        """The page that ``frame`` holds."""
        page = self.page_in(frame)
        assert page is not None
        return page

    def page_in(self, frame: Frame) -> Page | None:
        """The page that ``frame`` holds, or held last; ``None`` if there was none yet."""
        self.machine.scheduler.touch(frame, False)
        return self._pages.get(frame.index)

    async def free_page(self, page: Page) -> None:
        """The last reference is gone."""
        await self.machine.memory.free(page.frame)

    def load_space(self, cpu: Cpu, space: AddressSpace) -> None:
        """Make ``cpu`` run in ``space``, while the machine is being set up."""
        cpu.table = space.table
        self.runs_in(cpu, space)
        space.cpus.append(cpu)

    def runs_in(self, cpu: Cpu, space: AddressSpace) -> None:
        """``cpu`` has loaded the page table of ``space``."""
        self._loaded[cpu.index] = space

    def space_of(self, cpu: Cpu) -> AddressSpace:
        """The address space that ``cpu`` runs in."""
        space = self._loaded[cpu.index]
        assert space is not None
        return space

    def this_cpu(self) -> Cpu:
        """The CPU whose task runs now (Linux: ``smp_processor_id``)."""
        task = self.machine.scheduler.current
        assert task is not None
        return self.machine.cpus[task.index]

    def stored(self, file: File, index: int) -> Cells:
        """What a page of ``file`` would be read in as now, for oracles."""
        if file.extents.peek(index) == "written":
            return self.machine.disk.content((file.name, index))
        return [ZERO] * self.machine.page_size

    def dispose(self) -> None:
        """Let go of the paths, which know this kernel, and of all pages."""
        self.__dict__.clear()

    def pages(self) -> list[Page]:
        """The pages of all frames in use, for oracles."""
        return [
            page
            for frame in self.machine.memory.frames
            if not frame.free and (page := self._pages.get(frame.index)) is not None
        ]
