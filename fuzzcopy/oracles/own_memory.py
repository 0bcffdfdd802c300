"""Own memory: what a process stored into memory of its own is what it loads from there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from fuzzcopy.kernel import AddressSpace, Page, Pinned, UserBuffer, slot_page
from fuzzcopy.machine import Cells, Cpu, TlbEntry
from fuzzcopy.oracles.content import TornRead
from fuzzcopy.oracles.evidence import BadByte
from fuzzcopy.oracles.oracle import Oracle
from fuzzcopy.scenario import (
    DirectRead,
    Fork,
    Lazyfree,
    Madvise,
    Mmap,
    Mremap,
    Munmap,
    Operation,
    Punch,
    Truncate,
)
from fuzzcopy.world import World

Place = tuple[str, int]
"""The name of an address space, and a virtual page of it."""

UNKNOWN = -1

_MARKED = (DirectRead, Fork, Lazyfree, Madvise, Mmap, Mremap, Munmap, Punch, Truncate)
"""The operations whose beginning and end matter here. Most of those that run are others."""


@dataclass(slots=True)
class _Removal:
    """A call under way that takes memory away: ``places``, or private copies of ``file``."""

    places: frozenset[Place] = frozenset()
    file: str = ""
    moved: dict[Place, Cells] = field(default_factory=dict)
    """Pages that are going to be somewhere else, if nobody interferes."""


@dataclass(slots=True)
class _Arrival:
    """A direct read under way; ``disturbed`` if somebody has taken away what it reads into.

    ``replaced`` are the pages that a read without a copy has meanwhile put others in place of.
    """

    places: frozenset[Place]
    disturbed: bool = False
    replaced: set[Place] = field(default_factory=set)


@dataclass(slots=True)
class _Fork:
    """A fork under way, and the pages of the child that will be as they were when it began."""

    parent: str
    child: str
    pages: dict[Place, Cells] = field(default_factory=dict)


class OwnMemoryOracle(Oracle):
    """Judges anonymous memory and the copies of private file mappings, byte by byte.

    Memory is sequentially consistent and such a byte has one home, so a load must see the last
    store. What a call takes away is not judged while the call is under way, and not known
    afterwards.
    """

    def begin(self, world: World) -> None:
        super().begin(world)
        self._size = world.machine.page_size
        # By page, a page that nothing is known of being absent: accesses to a shared mapping,
        # which are most of them, then cost one look-up, and the others a comparison of slices.
        self._known = {place: cells[:] for place, cells in world.plan.own_memory.items()}
        self._removals: dict[int, _Removal] = {}
        self._forks: dict[int, _Fork] = {}
        self._arrivals: dict[int, _Arrival] = {}

    # -- calls that take memory away --------------------------------------------------------

    def operation_begun(self, cpu: Cpu, number: int, operation: Operation) -> None:
        if not isinstance(operation, _MARKED):
            return
        space = self.world.kernel.space_of(cpu).name
        if isinstance(operation, DirectRead):
            self._begin_arrival(cpu, space, operation)
        if isinstance(operation, Fork):
            self._begin_fork(cpu, space, self.world.kernel.spaces[operation.child])
        removal = self._removal(space, operation)
        if removal is None:
            return
        if isinstance(operation, Mremap):
            start, to = slot_page(operation.slot), slot_page(operation.to)
            for page in range(operation.pages):
                if (space, start + page) in self._known:
                    removal.moved[space, to + page] = self._known[space, start + page]
        for other in self._removals.values():
            if other.places & removal.places or other.file or removal.file:
                other.moved.clear()
                removal.moved.clear()
        self._removals[cpu.index] = removal
        self._forget(removal)
        for fork in self._forks.values():
            fork.pages.clear()
        for arrival in self._arrivals.values():
            self._disturb(arrival, removal)

    def operation_ended(self, cpu: Cpu, number: int, operation: Operation, result: int) -> None:
        if not isinstance(operation, _MARKED):
            return
        arrival = self._arrivals.pop(cpu.index, None)
        if arrival is not None and arrival.disturbed:
            self._forget(_Removal(arrival.places))
        fork = self._forks.pop(cpu.index, None)
        if fork is not None and result == 0:
            self._known.update(fork.pages)
        removal = self._removals.pop(cpu.index, None)
        if removal is not None:
            self._forget(removal)
            if result == 0:
                self._known.update(removal.moved)

    def _begin_arrival(self, cpu: Cpu, space: str, operation: DirectRead) -> None:
        start = slot_page(operation.slot) + operation.at
        places = frozenset((space, vpn) for vpn in range(start, start + operation.pages))
        arrival = self._arrivals[cpu.index] = _Arrival(places)
        for removal in self._removals.values():
            self._disturb(arrival, removal)

    def _disturb(self, arrival: _Arrival, removal: _Removal) -> None:
        """The pinned pages may be elsewhere, or nowhere, when the data arrives."""
        if removal.file or arrival.places & removal.places:
            arrival.disturbed = True
            arrival.places |= removal.places
            # What moves is no longer what it was when the move began.
            removal.moved.clear()

    def _begin_fork(self, cpu: Cpu, parent: str, child: AddressSpace) -> None:
        """The child will see what its parent sees, but for what changes meanwhile."""
        fork = self._forks[cpu.index] = _Fork(parent, child.name)
        if not child.vmas and not self._removals:
            for (name, vpn), cells in self._known.items():
                if name == parent:
                    fork.pages[child.name, vpn] = cells[:]

    def _removal(self, space: str, operation: Operation) -> _Removal | None:
        match operation:
            case Truncate(file) | Punch(file):
                return _Removal(file=f"f{file}")
            case (
                Munmap(slot, first, pages)
                | Madvise(slot, first, pages)
                | Lazyfree(slot, first, pages)
            ):
                starts = [slot_page(slot) + first]
            case Mmap(slot):
                starts, pages = [slot_page(slot)], operation.pages
            case Mremap(slot, pages, to):
                starts = [slot_page(slot), slot_page(to)]
            case _:
                return None
        vpns = [vpn for start in starts for vpn in range(start, start + pages)]
        return _Removal(frozenset((space, vpn) for vpn in vpns))

    def _forget(self, removal: _Removal) -> None:
        places: Iterator[Place] = iter(removal.places)
        if removal.file:
            places = (
                (space.name, vpn)
                for space in self.world.kernel.spaces
                for vma in space.vmas
                if vma.file is not None and vma.file.name == removal.file
                for vpn in range(vma.start, vma.start + vma.pages)
            )
        for place in places:
            self._known.pop(place, None)

    # -- accesses ---------------------------------------------------------------------------

    def user_written(self, cpu: Cpu, address: int, cells: Cells, via: TlbEntry) -> None:
        self._put(cpu, address, cells)

    def _put(self, cpu: Cpu, address: int, cells: Sequence[int]) -> None:
        name = self.world.kernel.space_of(cpu).name
        vpn, start = divmod(address, self._size)
        for fork in self._forks.values():
            if name in (fork.parent, fork.child):
                fork.pages.pop((fork.child, vpn), None)
        known = self._known.get((name, vpn))
        if self._sure(cpu, name, vpn, stores=True):
            if known is None:
                known = self._known[name, vpn] = [UNKNOWN] * self._size
            known[start : start + len(cells)] = cells
        elif known is not None:
            known[start : start + len(cells)] = [UNKNOWN] * len(cells)

    def page_flipped(
        self, cpu: Cpu, page: Page, buffer: UserBuffer, position: int, cells: Cells
    ) -> None:
        address = buffer.locate(position)[0]
        self._put(cpu, address, cells)
        for arrival in self._arrivals.values():
            arrival.replaced.add((self.world.kernel.space_of(cpu).name, address // self._size))

    def pin_written(self, cpu: Cpu, pinned: Pinned, address: int, cells: Cells) -> None:
        arrival = self._arrivals.get(cpu.index)
        entry = pinned.space.table.entries.get(pinned.vpn)
        there = entry is not None and entry.frame is pinned.page.frame
        if arrival is not None:
            if not there and (pinned.space.name, pinned.vpn) in arrival.replaced:
                return  # as if it had been there before all of it was replaced
            there = not arrival.disturbed
        if there:
            self._put(cpu, address, cells)
        else:
            # The page was taken away while it was pinned; it may be somewhere else now.
            self._known.pop((pinned.space.name, pinned.vpn), None)

    def user_read(self, cpu: Cpu, address: int, cells: Cells, via: TlbEntry) -> None:
        name = self.world.kernel.space_of(cpu).name
        vpn, start = divmod(address, self._size)
        page = self._known.get((name, vpn))
        if page is None or (known := page[start : start + len(cells)]) == cells:
            return
        for at, (cell, last) in enumerate(zip(cells, known, strict=True), address):
            if last not in (UNKNOWN, cell) and self._sure(cpu, name, vpn):
                describe = self.world.plan.origins.describe
                self.fail(
                    TornRead(
                        f"{cpu} loaded {describe(cell)} at {at:#x} of {name} through {via.frame}, "
                        f"but {describe(last)} was stored there last"
                    ),
                    BadByte(
                        f"the byte at {at:#x} of {name}",
                        cell,
                        at % self._size,
                        frame=via.frame.name,
                        wanted=(last,),
                    ),
                )

    def finish(self) -> None:
        """What there is at the end is judged as if it were loaded once more."""
        tables = {space.name: space.table.entries for space in self.world.kernel.spaces}
        for (name, vpn), known in self._known.items():
            entry = tables[name].get(vpn)
            if entry is None or entry.frame.cells == known:
                continue
            for at, (cell, last) in enumerate(zip(entry.frame.cells, known, strict=True)):
                if last not in (UNKNOWN, cell):
                    describe = self.world.plan.origins.describe
                    self.fail(
                        TornRead(
                            f"{name} ends with {describe(cell)} at {vpn * self._size + at:#x} in "
                            f"{entry.frame}, but {describe(last)} was stored there last"
                        )
                    )

    def _sure(self, cpu: Cpu, name: str, vpn: int, *, stores: bool = False) -> bool:
        """Whether a page is the process's own, and nobody is taking it away."""
        vma = self.world.kernel.space_of(cpu).peek(vpn)
        sure = vma is not None and (vma.file is None or not vma.shared)
        for arrival in self._arrivals.values():
            if arrival.disturbed and (name, vpn) in arrival.places:
                sure = False
        for removal in self._removals.values():
            mine = (name, vpn) in removal.places
            if mine or (vma is not None and vma.file and vma.file.name == removal.file):
                sure = False
                if stores:
                    removal.moved.clear()
        return sure
