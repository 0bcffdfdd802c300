"""What happened to each file: writes, reads and truncations, with their real-time intervals."""

from __future__ import annotations

from dataclasses import dataclass, field

from fuzzcopy.machine import ZERO, Cells

UNKNOWN = -1
"""The value of a byte whose copy nobody announced: it matches anything."""


@dataclass(slots=True)
class Access:
    """One access to bytes ``low`` to ``low + len(cells)`` between two instants.

    ``begin`` and ``end`` are positions in the order of events; ``who`` is for reports.
    ``stored``: it is what the disk held, not what a read saw.
    """

    who: str
    begin: int
    end: int
    low: int
    cells: Cells
    stored: bool = False

    @property
    def high(self) -> int:
        """The first byte after it."""
        return self.low + len(self.cells)

    def before(self, other: Access | Cut) -> bool:
        """Whether this was over before ``other`` began."""
        return self.end < other.begin


@dataclass(slots=True)
class Cut:
    """A change of size: everything from ``size`` on is gone."""

    who: str
    begin: int
    end: int
    size: int

    def before(self, other: Access | Cut) -> bool:
        """Whether this was over before ``other`` began."""
        return self.end < other.begin


@dataclass(slots=True)
class History:
    """Everything that was done to one file.

    ``witness`` is the file as it would be if every access had happened at one instant: that at
    which its bytes were copied (:meth:`put`, :meth:`see`), or else its end. Reads that agree with
    it are explained by that order and need no further thought; the others make their bytes
    ``suspect``, as does a write that is not what was put, or beside which the size changed.
    ``removals`` are the instants at which one of its pages left the cache.
    """

    name: str
    initial_size: int
    initial: Cells
    witness: Cells = field(default_factory=list)
    witness_size: int = 0
    writes: list[Access] = field(default_factory=list)
    reads: list[Access] = field(default_factory=list)
    cuts: list[Cut] = field(default_factory=list)
    holes: list[Access] = field(default_factory=list)
    removals: list[int] = field(default_factory=list)
    suspect: set[int] = field(default_factory=set)
    exempt: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.witness = self.initial[:]
        self.witness_size = self.initial_size

    def put(self, low: int, cells: Cells) -> None:
        """Some bytes of a write that is under way are copied: here it takes effect on them."""
        high = low + len(cells)
        if high > len(self.witness):
            self._grow(high)
        self.witness[low:high] = cells

    def wrote(self, access: Access) -> None:
        """Enter a write all of whose bytes were put. It makes the file longer only now."""
        if self.cuts and self.cuts[-1].end > access.begin:
            # Put before the cut, and longer after it: that would be two instants of one write.
            self.suspect.update(range(access.low, access.high))
        self.writes.append(access)
        self.witness_size = max(self.witness_size, access.high)

    def write(self, access: Access) -> None:
        """Enter a write that took effect somewhere in its interval."""
        self.put(access.low, access.cells)
        self.wrote(access)

    def punch(self, access: Access) -> None:
        """Enter the making of a hole: zeros, which do not make the file longer."""
        self.holes.append(access)
        self.write(access)

    def see(self, low: int, cells: Cells) -> None:
        """Some bytes are read, perhaps by a read that is under way."""
        high = low + len(cells)
        if high > len(self.witness):
            self._grow(high)
        seen = self.witness[low:high]
        if seen != cells:
            for byte, (was, now) in enumerate(zip(seen, cells, strict=True), low):
                if was != now:
                    self.suspect.add(byte)
        if high > self.witness_size:
            self.suspect.update(range(max(low, self.witness_size), high))

    def read(self, access: Access) -> None:
        """Enter what a read saw somewhere in its interval."""
        self.see(access.low, access.cells)
        self.reads.append(access)

    def cut(self, cut: Cut) -> None:
        """Enter a truncation or an extension."""
        self.cuts.append(cut)
        del self.witness[cut.size :]
        self._grow(cut.size)
        self.witness_size = cut.size

    def cut_short(self, size: int) -> Access | Cut | None:
        """What made the file longer than ``size``, although nothing after it made it shorter."""
        growing: list[tuple[int, Access | Cut]] = [
            (w.high, w) for w in self.writes if w.high > size
        ]
        growing += [(cut.size, cut) for cut in self.cuts if cut.size > size]
        for end, grown in growing:
            shorter = [cut for cut in self.cuts if cut is not grown and cut.size < end]
            if grown not in self.holes and all(cut.before(grown) for cut in shorter):
                return grown
        return None

    def unexplained(self) -> tuple[Access, int, list[Access]] | None:
        """A read, the byte in it that no order of the accesses explains, and its writers."""
        stretch: _Stretch | None = None
        for byte in sorted(self.suspect - self.exempt):
            if stretch is None or byte >= stretch.high:
                stretch = _Stretch(self, byte)
            read = stretch.judge(byte)
            if read is not None:
                return read, byte, stretch.writers
        return None

    def _grow(self, size: int) -> None:
        missing = size - len(self.witness)
        if missing > 0:
            self.witness.extend([ZERO] * missing)


class _Stretch:
    """Bytes ``low`` to ``high`` of a file, all touched by the same accesses.

    Whether a read may have seen a given write is the same for all of them, so it is worked out
    once.
    """

    def __init__(self, history: History, low: int) -> None:
        self._history = history
        accesses = [*history.writes, *history.reads]
        edges = [edge for a in accesses for edge in (a.low, a.high)]
        edges += [len(history.initial), history.initial_size, *[c.size for c in history.cuts]]
        self.high = min((edge for edge in edges if edge > low), default=low + 1)
        initial = history.initial[low : self.high] or [ZERO] * (self.high - low)
        first = Access("the start", -2, -2, low, initial)
        self.writers = [first, *[w for w in history.writes if w.low <= low < w.high]]
        self._reads = [r for r in history.reads if r.low <= low < r.high]
        self._cuts = [c for c in history.cuts if c.size <= low]
        if history.initial_size <= low:
            self._cuts.insert(0, Cut("the start", -1, -1, history.initial_size))
        self._others: list[Access | Cut] = [*self.writers, *self._cuts]
        self._visible: dict[tuple[int, int], bool] = {}
        self._fine: set[tuple[int, ...]] = set()

    def judge(self, byte: int) -> Access | None:
        """A read of ``byte`` that cannot be explained."""
        cells = [writer.cells[byte - writer.low] for writer in self.writers]
        # Bytes differ in their values, but hardly ever in which write each read saw.
        places = {cell: j for j, cell in enumerate(cells)}
        seen = tuple([places.get(read.cells[byte - read.low], -1) for read in self._reads])
        if seen in self._fine and len(places) == len(cells):
            return None
        culprit = self._unexplained(byte, cells) or self._inverted(byte, cells)
        if culprit is None and -1 not in seen:
            self._fine.add(seen)
        return culprit

    def _unexplained(self, byte: int, cells: Cells) -> Access | None:
        for i, read in enumerate(self._reads):
            value = read.cells[byte - read.low]
            if read.stored and self._being_freed(byte, read):
                continue
            for j, cell in enumerate(cells):
                if cell in (value, UNKNOWN) and self._can_see(i, j):
                    break
            else:
                if value != ZERO or not self._hole(byte, read):
                    return read
        return None

    def _being_freed(self, byte: int, read: Access) -> bool:
        """Whether a truncation or a punch ran meanwhile: the old block may still be there."""
        freeing: list[Access | Cut] = [
            *self._cuts,
            *[hole for hole in self._history.holes if hole.low <= byte < hole.high],
        ]
        return any(not f.before(read) and not read.before(f) for f in freeing)

    def _can_see(self, i: int, j: int) -> bool:
        """Whether read ``i`` may have seen write ``j``: nothing else came strictly between."""
        known = self._visible.get((i, j))
        if known is None:
            read, writer = self._reads[i], self.writers[j]
            known = not read.before(writer)
            begin, end = read.begin, writer.end
            for other in self._others if known else ():
                # Written out, as it is asked of each three of them: writer.before(other) and so on.
                if end < other.begin and other.end < begin and other is not writer:
                    known = False
                    break
            self._visible[i, j] = known
        return known

    def _hole(self, byte: int, read: Access) -> bool:
        """Whether ``byte`` can be a hole: cut off, and then the file grew past it again."""
        for cut in self._cuts:
            if read.before(cut):
                continue
            if any(cut.before(w) and w.before(read) for w in self.writers):
                continue
            if read.stored or (not cut.before(read) and cut.begin >= 0):
                return True  # on the disk nothing is zeros; or the read ran while it was cut
            history = self._history
            beside = self._from_a_dropped_page(read)
            growing: list[Access | Cut] = [
                *[w for w in history.writes if w.low > byte or (beside and w.high > byte)],
                *[c for c in history.cuts if c.size > byte],
            ]
            for grow in growing:
                if not grow.before(cut) and not read.before(grow):
                    return True
        return False

    def _from_a_dropped_page(self, read: Access) -> bool:
        """Whether ``read`` may come from a page that left the cache while it ran.

        filemap_read looks at the size after it has its page: the file may have grown since by what
        went to another page, or past the cache, and of this page only zeros are shown.
        """
        return any(read.begin <= removal <= read.end for removal in self._history.removals)

    def _inverted(self, byte: int, cells: Cells) -> Access | None:
        """A read that makes two writes each come before the other (if values tell them apart).

        A write and the reads that saw it stand together in every order (Gibbons and Korach,
        "Testing shared memories", 1997): one group comes before another if any access of it was
        over before any access of the other began.
        """
        if self._cuts or UNKNOWN in cells or len(set(cells)) != len(cells):
            return None
        groups: dict[int, list[Access]] = {c: [w] for c, w in zip(cells, self.writers, strict=True)}
        for read in self._reads:
            if read.stored and self._being_freed(byte, read):
                continue
            group = groups[read.cells[byte - read.low]]
            # Of a direct write under way the disk may know before the cache does.
            if not read.stored or group[0].before(read):
                group.append(read)
        spans = [
            (min(a.end for a in group), max(group, key=lambda a: a.begin))
            for group in groups.values()
        ]
        for first_end, last in spans:
            for other_end, other_last in spans:
                if (
                    last is not other_last
                    and first_end < other_last.begin
                    and other_end < last.begin
                    and any(last is read for read in self._reads)
                ):
                    return last
        return None
