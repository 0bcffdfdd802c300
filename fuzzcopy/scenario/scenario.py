"""The scenario: machine, files, address spaces, programs, hazards, schedule."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from fuzzcopy.scenario.operations import Operation, Pages, Size, Small
from fuzzcopy.scenario.orders import Orders

SHOWN = r"\A[^\x00-\x1f\x7f-\x9f]*\Z"
"""What names consist of that are printed as they are: nothing that a terminal would obey."""

PageState = Literal["absent", "clean", "dirty", "stale"]
"""A page of a file when the run begins: not cached; cached and uptodate; newer than the disk;
cached but not uptodate (``stale``)."""


class _Data(Struct, frozen=True, forbid_unknown_fields=True):
    pass


class MachineSpec(_Data, frozen=True):
    """Sizes of the machine: ``page_size`` and ``chunk`` in bytes, both powers of two."""

    page_size: Annotated[int, Meta(ge=4, le=4096)] = 16
    chunk: Annotated[int, Meta(ge=1, le=4096)] = 8
    frames: Annotated[int, Meta(ge=1, le=256)] = 24


ExtentState = Literal["written", "unwritten", "hole"]
"""A page of a file on the disk when the run begins: its bytes are there; a block is reserved, and
holds garbage; there is no block. The last two read as zeros."""


class FileSpec(_Data, frozen=True):
    """A file of ``size`` bytes; ``pages`` says what of it is cached (missing ones are absent).

    ``extents`` says what of it is on the disk (missing ones are written).
    """

    size: Size
    pages: tuple[PageState, ...] = ()
    extents: tuple[ExtentState, ...] = ()

    def extent(self, page: int) -> ExtentState:
        """The extent state of a page within the size."""
        return self.extents[page] if page < len(self.extents) else "written"


class MappingSpec(_Data, frozen=True):
    """A mapping that is there from the start.

    ``present``: its pages already have page-table entries, as far as they are cached (and the
    page-table page is there in any case); anonymous ones then hold bytes of their own instead of
    zeros.
    """

    slot: Small
    pages: Pages
    file: Small | None = None
    first: Small = 0
    shared: bool = False
    writable: bool = True
    present: bool = True


class SpaceSpec(_Data, frozen=True):
    """One process's address space."""

    mappings: tuple[MappingSpec, ...] = ()


class PipeSpec(_Data, frozen=True):
    """The pipe: how many ``slots`` it has, and how many have a page of written bytes already.

    The others have had one before, and hold what its reader left.
    """

    slots: Annotated[int, Meta(ge=1, le=16)] = 2
    filled: Small = 0


class CpuSpec(_Data, frozen=True):
    """What one CPU runs, and in which address space.

    ``warm``: its TLB has a translation of every page that is mapped there when the run begins;
    those that may be written to have been.
    """

    program: tuple[Operation, ...] = ()
    space: Small = 0
    warm: bool = False


IoKind = Literal["read", "write"]


class FaultPlan(_Data, frozen=True):
    """What may go wrong by itself, and how often at most. When is the schedule's affair."""

    evictions: Small = 0
    """TLB entries that a CPU may forget of its own accord."""
    fills: Small = 0
    """Translations that a CPU may cache speculatively."""
    poison: tuple[tuple[Small, Small, Size], ...] = ()
    """User memory that faults although its page is mapped (as memory tags do), as (space, slot,
    offset): the whole chunk at that offset cannot be had."""
    errors: tuple[tuple[IoKind, Small, Small], ...] = ()
    """Disk I/Os that fail, as (kind, file, page): each the next of its kind for that page."""


class Actors(_Data, frozen=True):
    """Kernel threads that run beside the programs: how many rounds each does; 0: it is not there.

    When is the schedule's affair, as for CPUs; in it they go by their names.
    """

    flusher: Small = 0
    """Writes the dirty pages of every file to the disk."""
    kswapd: Small = 0
    """Takes the next page out of the cache; if it is dirty, it is written to the disk first."""

    def rounds(self) -> dict[str, int]:
        """The threads that are there, and their rounds."""
        both = {"flusher": self.flusher, "kswapd": self.kswapd}
        return {name: count for name, count in both.items() if count}


class Switch(_Data, frozen=True):
    """A deviation of the schedule from its default.

    When ``cpu`` is at its ``nth`` ``at``, ``run`` happens next: a CPU, an actor or an event by
    name; or, with ``run`` empty, the number asked for is ``value``. ``step`` is a hint for the
    reader.
    """

    cpu: Annotated[str, Meta(max_length=80, pattern=SHOWN)]
    at: Annotated[str, Meta(max_length=200)]
    nth: Annotated[int, Meta(ge=0, le=1_000_000)]
    run: Annotated[str, Meta(max_length=200)] = ""
    value: Annotated[int, Meta(ge=0, le=1 << 16)] = 0
    step: Annotated[int, Meta(ge=0)] = 0


class Scenario(_Data, frozen=True):
    """Everything a run depends on.

    The schedule lists only where it is not the default: the running CPU goes on; if it cannot,
    the lowest-numbered one that can; I/O completes and interrupts arrive when nothing else can
    happen.
    """

    cpus: tuple[CpuSpec, ...]
    files: tuple[FileSpec, ...] = ()
    spaces: tuple[SpaceSpec, ...] = (SpaceSpec(),)
    pipe: PipeSpec = PipeSpec()
    machine: MachineSpec = MachineSpec()
    faults: FaultPlan = FaultPlan()
    actors: Actors = Actors()
    schedule: tuple[Switch, ...] = ()
    max_steps: Annotated[int, Meta(ge=1, le=1_000_000)] = 3_000
    orders: Orders | UnsetType = UNSET
    """In which order the kernel's paths take their locks: unless told, in the documented one."""

    @property
    def operations(self) -> int:
        """How many operations all programs have together."""
        return sum(len(cpu.program) for cpu in self.cpus)
