"""What one process sees of files and mappings when nothing else runs: arrays of bytes, no cache.

It knows nothing of frames, page tables or locks. Where a byte may be one thing or another it is
``ANY``: what was stored through a mapping past the end of the file may be there or not.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from errno import EAGAIN, EBUSY, EEXIST, EFAULT, EINVAL, ENOENT, ENOMEM

from fuzzcopy import scenario as ops
from fuzzcopy.kernel import slot_page
from fuzzcopy.machine import ZERO
from fuzzcopy.world import Plan

ANY = -2


def agree(expected: list[int], actual: list[int]) -> bool:
    return len(expected) == len(actual) and all(
        want in (ANY, have) for want, have in zip(expected, actual, strict=True)
    )


@dataclass
class ModelFile:
    """``cells`` are whole pages; what is past ``size`` shows through mappings only."""

    size: int
    cells: list[int]
    version: int = 0


@dataclass
class ModelSlot:
    """What a slot of the pipe still holds, and where in its page that ends.

    Of ``file`` if it was spliced: then it may change when the file does.
    """

    cells: list[int]
    end: int
    file: int | None = None
    version: int = 0


def _part(buffer: tuple[ops.Segment, ...], position: int, length: int) -> tuple[ops.Segment, ...]:
    """``length`` bytes from ``position`` of a user buffer on."""
    parts = []
    for segment in buffer:
        n = min(max(segment.length - position, 0), length)
        if n:
            offset = segment.offset + position
            parts.append(ops.Segment(segment.slot, offset, n))
            length -= n
        position = max(position - segment.length, 0)
    return tuple(parts)


@dataclass(frozen=True)
class ModelVma:
    start: int
    pages: int
    file: int | None
    first: int
    shared: bool
    writable: bool

    @property
    def end(self) -> int:
        return self.start + self.pages

    def part(self, start: int, end: int) -> "ModelVma":
        first = self.first + start - self.start
        return replace(self, start=start, pages=end - start, first=first)


class Bad(Exception):
    """A byte of user memory that cannot be had."""


class Model:
    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        spec = plan.scenario
        self.page = spec.machine.page_size
        self.chunk = min(spec.machine.chunk, self.page)
        self.files = []
        for f, file in enumerate(spec.files):
            cells = [c for p, disk in enumerate(plan.disk[f]) for c in plan.cache[f].get(p, disk)]
            self.files.append(ModelFile(file.size, cells))
        self.pipe = [ModelSlot(cells[:], len(cells)) for cells in plan.pipe]
        self.vmas: list[ModelVma] = []
        self.own: dict[int, list[int]] = {}  # pages of private memory, by virtual page
        for m in spec.spaces[0].mappings:
            start = slot_page(m.slot)
            shared = m.shared and m.file is not None
            self.vmas.append(ModelVma(start, m.pages, m.file, m.first, shared, m.writable))
            if m.file is None and m.present:
                for p in range(m.pages):
                    self.own[start + p] = plan.anonymous[0, m.slot, p][:]
        self.filled = {number for number, space in enumerate(spec.spaces) if space.mappings}
        self.poison = {
            plan.address(slot, offset) // self.chunk for _, slot, offset in spec.faults.poison
        }
        self.loaded: list[int] = []

    # -- files ------------------------------------------------------------------------------

    def content(self, f: int) -> list[int]:
        file = self.files[f]
        return file.cells[: file.size]

    def _reserve(self, file: ModelFile, size: int) -> None:
        pages = -(-size // self.page)
        file.cells += [ZERO] * (pages * self.page - len(file.cells))

    def _resize(self, file: ModelFile, size: int) -> None:
        if size < file.size:
            del file.cells[size:]
        self._reserve(file, size)
        file.size = size

    # -- user memory ------------------------------------------------------------------------

    def vma(self, vpn: int) -> ModelVma | None:
        return next((v for v in self.vmas if v.start <= vpn < v.end), None)

    def page_for(self, vpn: int, write: bool, force: bool = False) -> tuple[list[int], int, int]:
        """The array that holds a virtual page, where in it, and the first byte past its file."""
        vma = self.vma(vpn)
        if vma is None or (write and not vma.writable and (vma.shared or not force)):
            raise Bad
        if vpn in self.own:
            return self.own[vpn], 0, self.page
        if vma.file is None:
            self.own[vpn] = [ZERO] * self.page
            return self.own[vpn], 0, self.page
        file = self.files[vma.file]
        at = (vma.first + vpn - vma.start) * self.page
        if at >= file.size:
            raise Bad
        if vma.shared or not write:
            return file.cells, at, file.size
        self.own[vpn] = file.cells[at : at + self.page]
        return self.own[vpn], 0, self.page

    def load(self, address: int, n: int) -> list[int]:
        if address // self.chunk in self.poison:
            raise Bad
        cells, at, _ = self.page_for(address // self.page, False)
        at += address % self.page
        return cells[at : at + n]

    def store(self, address: int, new: list[int], force: bool = False) -> None:
        if address // self.chunk in self.poison:
            raise Bad
        cells, at, end = self.page_for(address // self.page, True, force)
        at += address % self.page
        for i, cell in enumerate(new, at):
            cells[i] = cell if i < end else ANY
        for file in self.files:
            file.version += file.cells is cells

    def accesses(self, buffer: tuple[ops.Segment, ...], offset: int) -> Iterator[tuple[int, int]]:
        """The (address, bytes) of each access of a copy: chunks of memory, in pages of the file."""
        for segment in buffer:
            address, rest = self.plan.address(segment.slot, segment.offset), segment.length
            while rest:
                n = min(rest, self.chunk - address % self.chunk, self.page - offset % self.page)
                yield address, n
                address, rest, offset = address + n, rest - n, offset + n

    # -- operations -------------------------------------------------------------------------

    def perform(self, number: int) -> tuple[int, ...]:
        """Do the program's next operation; returns the results it may have."""
        operation, argument = self.plan.steps[0][number]
        do: Callable[..., int | tuple[int, ...]] = getattr(
            self, f"do_{type(operation).__name__.lower()}"
        )
        before = [(file.size, file.cells[:]) for file in self.files]
        result = do(operation, argument)
        for file, was in zip(self.files, before, strict=True):
            file.version += (file.size, file.cells) != was
        return result if isinstance(result, tuple) else (result,)

    def do_write(self, op: ops.Write, _: object) -> int:
        file, done = self.files[op.file], 0
        for address, n in self.accesses(op.buffer, op.offset):
            try:
                cells = self.load(address, n)
            except Bad:
                return done or -EFAULT
            at = op.offset + done
            done += n
            self._reserve(file, at + n)
            file.cells[at : at + n] = cells
            file.size = max(file.size, at + n)
        return done

    def do_read(self, op: ops.Read, _: object) -> int:
        file, done = self.files[op.file], 0
        for address, n in self.accesses(op.buffer, op.offset):
            at = op.offset + done
            part = file.cells[at : min(at + n, file.size)]
            if not part:
                break
            try:
                self.store(address, part)
            except Bad:
                return done or -EFAULT
            done += len(part)
        return done

    def do_directread(self, op: ops.DirectRead, _: object) -> int:
        file, start = self.files[op.file], slot_page(op.slot) + op.at
        done = 0
        for i in range(min(op.pages, file.size // self.page - op.first)):
            vma = self.vma(start + i)
            if vma is None or vma.shared:
                break
            try:
                cells, at, _ = self.page_for(start + i, True)
            except Bad:
                break
            low = (op.first + i) * self.page
            cells[at : at + self.page] = file.cells[low : low + self.page]
            done += self.page
        return self._rest(ops.Read, op, done)

    def do_directwrite(self, op: ops.DirectWrite, _: object) -> int:
        file, start = self.files[op.file], slot_page(op.slot) + op.at
        sources: list[list[int]] = []
        for vpn in range(start, start + op.pages):
            try:
                cells, at, _ = self.page_for(vpn, False)
            except Bad:
                break
            sources.append(cells[at : at + self.page])
        low, done = op.first * self.page, len(sources) * self.page
        if done:
            self._reserve(file, low + done)
            file.cells[low : low + done] = [cell for page in sources for cell in page]
            file.size = max(file.size, low + done)
        return self._rest(ops.Write, op, done)

    def _rest(
        self,
        kind: type[ops.Read | ops.Write],
        op: ops.DirectRead | ops.DirectWrite,
        done: int,
    ) -> int:
        """What could not be done directly goes through the cache."""
        length = op.pages * self.page - done
        if not length:
            return done
        segment = ops.Segment(op.slot, op.at * self.page + done, length)
        rest = kind(op.file, op.first * self.page + done, (segment,))
        result = (
            self.do_read(rest, None) if isinstance(rest, ops.Read) else self.do_write(rest, None)
        )
        return done + max(result, 0) or result

    def do_pipewrite(self, op: ops.PipeWrite, _: object) -> int:
        length, done = sum(s.length for s in op.buffer), 0
        odd = length % self.page
        newest = self.pipe[-1] if self.pipe else None
        if odd and newest and newest.file is None and newest.end + odd <= self.page:
            cells = self._take(op.buffer, 0, odd)
            newest.cells += cells
            newest.end += len(cells)
            done = len(cells)
            if done < odd:
                return done or -EFAULT
        while done < length:
            if len(self.pipe) == self.plan.scenario.pipe.slots:
                return done or -EAGAIN
            n = min(length - done, self.page)
            cells = self._take(op.buffer, done, n)
            if cells:
                self.pipe.append(ModelSlot(cells, len(cells)))
            done += len(cells)
            if len(cells) < n:
                return done or -EFAULT
        return done

    def do_piperead(self, op: ops.PipeRead, _: object) -> int:
        length, done = sum(s.length for s in op.buffer), 0
        if length and not self.pipe:
            return -EAGAIN
        while done < length and self.pipe:
            slot = self.pipe[0]
            n = min(len(slot.cells), length - done)
            for address, part in self.accesses(_part(op.buffer, done, n), 0):
                if slot.file is not None and self.files[slot.file].version != slot.version:
                    slot.cells = [ANY] * len(slot.cells)
                try:
                    self.store(address, slot.cells[:part])
                except Bad:
                    return done or -EFAULT
                del slot.cells[:part]
                done += part
            if not slot.cells:
                del self.pipe[0]
        return done

    def do_splice(self, op: ops.Splice, _: object) -> int:
        file, done = self.files[op.file], 0
        while done < op.length and op.offset + done < file.size:
            if len(self.pipe) == self.plan.scenario.pipe.slots:
                return done or -EAGAIN
            at = op.offset + done
            n = min(self.page - at % self.page, op.length - done, file.size - at)
            slot = ModelSlot(file.cells[at : at + n], 0, op.file, file.version)
            self.pipe.append(slot)
            done += n
        return done

    def _take(self, buffer: tuple[ops.Segment, ...], position: int, length: int) -> list[int]:
        """The bytes of a part of a user buffer, up to the first that cannot be had."""
        cells: list[int] = []
        try:
            for address, n in self.accesses(_part(buffer, position, length), 0):
                cells += self.load(address, n)
        except Bad:
            pass
        return cells

    def do_load(self, op: ops.Load, _: object) -> int:
        self.loaded = []
        for address, n in self.accesses((ops.Segment(op.slot, op.offset, op.length),), op.offset):
            try:
                self.loaded += self.load(address, n)
            except Bad:
                return -EFAULT
        return op.length

    def do_store(self, op: ops.Store, cells: list[int]) -> int:
        done = 0
        for address, n in self.accesses((ops.Segment(op.slot, op.offset, op.length),), op.offset):
            try:
                self.store(address, cells[done : done + n])
            except Bad:
                return -EFAULT
            done += n
        return done

    def do_poke(self, op: ops.Poke, cells: list[int]) -> int:
        done = 0
        for address, n in self.accesses((ops.Segment(op.slot, op.offset, op.length),), op.offset):
            try:
                self.store(address, cells[done : done + n], force=True)
            except Bad:
                return done or -EFAULT
            done += n
        return done

    def do_fork(self, op: ops.Fork, _: object) -> int:
        if op.child == 0:
            return -EINVAL
        if op.child in self.filled:
            return -EEXIST
        if self.vmas:
            self.filled.add(op.child)
        return 0

    def do_continue(self, op: ops.Continue, _: object) -> tuple[int, ...]:
        return 0, -ENOENT, -EFAULT, -EEXIST  # depends on what is cached and what is mapped

    def do_mmap(self, op: ops.Mmap, _: object) -> int:
        start = slot_page(op.slot)
        self._remove(start, start + op.pages)
        shared = op.shared and op.file is not None
        vma = ModelVma(start, op.pages, op.file, op.first, shared, op.writable)
        self.vmas.append(vma)
        if op.populate:
            self._populate(start, op.pages)
        return 0

    def do_munmap(self, op: ops.Munmap, _: object) -> int:
        start = slot_page(op.slot) + op.first
        self._remove(start, start + op.pages)
        return 0

    def do_madvise(self, op: ops.Madvise, _: object) -> int:
        start = slot_page(op.slot) + op.first
        holes = [vpn for vpn in range(start, start + op.pages) if self.vma(vpn) is None]
        for vpn in range(start, start + op.pages):
            self.own.pop(vpn, None)
        return -ENOMEM if holes else 0

    def do_lazyfree(self, op: ops.Lazyfree, _: object) -> int:
        start = slot_page(op.slot) + op.first
        for vpn in range(start, start + op.pages):
            vma = self.vma(vpn)
            if vma is None or vma.file is not None:
                return -ENOMEM if vma is None else -EINVAL
            if vpn in self.own:
                self.own[vpn][:] = [ANY] * self.page  # it may have been dropped, or not
        return 0

    def do_mprotect(self, op: ops.Mprotect, _: object) -> int:
        start = slot_page(op.slot) + op.first
        end = start + self._mapped_pages(start, op.pages)
        for vma in self._overlapping(start, end):
            if vma.writable != op.writable:
                middle = vma.part(max(vma.start, start), min(vma.end, end))
                self._substitute(vma, middle, replace(middle, writable=op.writable))
        return 0 if end == start + op.pages else -ENOMEM

    def do_mremap(self, op: ops.Mremap, _: object) -> int:
        start, to = slot_page(op.slot), slot_page(op.to)
        if to < start + op.pages and start < to + op.pages:
            return -EINVAL
        vma = self.vma(start)
        if vma is None or (vma.start, vma.pages) != (start, op.pages):
            return -EFAULT
        self._remove(to, to + op.pages)
        self.vmas.remove(vma)
        self.vmas.append(replace(vma, start=to))
        for p in range(op.pages):
            if start + p in self.own:
                self.own[to + p] = self.own.pop(start + p)
        return 0

    def do_mlock(self, op: ops.Mlock, _: object) -> int:
        start = slot_page(op.slot)
        if self._mapped_pages(start, op.pages) < op.pages:
            return -ENOMEM
        return 0 if self._populate(start, op.pages) else -ENOMEM

    def do_truncate(self, op: ops.Truncate, _: object) -> int:
        file = self.files[op.file]
        if op.size < file.size:
            self._forget(op.file, -(-op.size // self.page))
        self._resize(file, op.size)
        return 0

    def do_punch(self, op: ops.Punch, _: object) -> int:
        file = self.files[op.file]
        for i in range(op.first * self.page, (op.first + op.pages) * self.page):
            if i < len(file.cells):
                file.cells[i] = ZERO
        return 0  # private copies stay (Linux: truncate_pagecache_range)

    # What only moves bytes between cache and disk changes nothing that can be seen.

    def do_reclaim(self, op: ops.Reclaim, _: object) -> tuple[int, ...]:
        return 0, 1, -EBUSY

    def do_migrate(self, op: ops.Migrate, _: object) -> tuple[int, ...]:
        spec = self.plan.scenario
        # Who may have the page locked: an actor, or the disk that reads ahead into it.
        ahead = any(isinstance(step[0], ops.Readahead) for step in self.plan.steps[0])
        beside = spec.actors.rounds() or ahead
        return (0, -EAGAIN, -EBUSY) if beside else (0, -EAGAIN)

    def do_writeprotect(self, op: ops.WriteProtect, _: object) -> int:
        start = slot_page(op.slot) + op.first
        return 0 if self._mapped_pages(start, op.pages) == op.pages else -ENOENT

    def do_unprotect(self, op: ops.Unprotect, _: object) -> int:
        return 0

    def do_collapse(self, op: ops.Collapse, _: object) -> tuple[int, ...]:
        return 0, -EAGAIN

    def do_switchto(self, op: ops.SwitchTo, _: object) -> int:
        return 0  # alone, there is but one address space

    def do_idle(self, op: ops.Idle, _: object) -> int:
        return 0

    def do_readahead(self, op: ops.Readahead, _: object) -> int:
        return 0

    def do_invalidate(self, op: ops.Invalidate, _: object) -> tuple[int, ...]:
        return 0, -EBUSY

    def do_fallocate(self, op: ops.Fallocate, _: object) -> int:
        return 0

    def do_fsync(self, op: ops.Fsync, _: object) -> int:
        return 0

    # -- mappings ---------------------------------------------------------------------------

    def _overlapping(self, start: int, end: int) -> list[ModelVma]:
        return [v for v in self.vmas if v.start < end and start < v.end]

    def _substitute(self, vma: ModelVma, middle: ModelVma, *others: ModelVma) -> None:
        self.vmas.remove(vma)
        rests = (vma.part(vma.start, middle.start), vma.part(middle.end, vma.end))
        self.vmas += [part for part in (*rests, *others) if part.pages]

    def _remove(self, start: int, end: int) -> None:
        for vma in self._overlapping(start, end):
            self._substitute(vma, vma.part(max(vma.start, start), min(vma.end, end)))
        for vpn in range(start, end):
            self.own.pop(vpn, None)

    def _mapped_pages(self, start: int, pages: int) -> int:
        """How many pages from ``start`` on are mapped without a hole."""
        holes = [p for p in range(pages) if self.vma(start + p) is None]
        return holes[0] if holes else pages

    def _populate(self, start: int, pages: int) -> bool:
        try:
            for vpn in range(start, start + pages):
                vma = self.vma(vpn)
                self.page_for(vpn, vma is not None and vma.writable and not vma.shared)
        except Bad:
            return False
        return True

    def _forget(self, f: int, first: int) -> None:
        """Private copies of the pages that a truncation takes go with them."""
        for vma in self.vmas:
            if vma.file == f:
                for vpn in range(vma.start, vma.end):
                    if first <= vma.first + vpn - vma.start:
                        self.own.pop(vpn, None)
