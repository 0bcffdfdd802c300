"""The model's word against the machine's."""

from __future__ import annotations

from dataclasses import dataclass
from errno import errorcode

from fuzzcopy.host.job import Seen
from fuzzcopy.host.known import Case, Row, row_for
from fuzzcopy.host.reference import Expected
from fuzzcopy.host.scale import HOST_PAGE, MODEL_PAGE, host_bytes, made, salt_of, to_host
from fuzzcopy.kernel.space import SLOT_PAGES
from fuzzcopy.machine import ZERO, Cells
from fuzzcopy.machine.provenance import ORIGIN
from fuzzcopy.scenario import (
    DirectRead,
    DirectWrite,
    Invalidate,
    Migrate,
    Mmap,
    Operation,
    Reclaim,
    Scenario,
    kind_of,
)
from fuzzcopy.world import Plan

_FREE = (Reclaim, Invalidate, Migrate)
"""What only moves bytes between cache and disk: it may succeed or not."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that the machine does otherwise than the model.

    ``kind`` is ``result``, ``load``, ``size``, ``content`` or ``memory``; ``operation`` the kind of
    operation that returned or loaded it, or the name of the view. ``expected`` and ``seen`` are
    results, where there are results. ``unwritten``: bytes that nobody wrote, or where there should
    be zeros: what somebody else may have left there.
    """

    kind: str
    operation: str
    message: str
    setting: str
    expected: int = 0
    seen: int = 0
    unwritten: bool = False

    def __str__(self) -> str:
        return f"{self.message} (begun {self.setting})"


class _Place:
    """What the model has from model offset ``start`` on, and that in the host's bytes."""

    def __init__(self, cells: Cells, start: int, salt: int) -> None:
        self.cells = cells
        self.start = start
        self.data = host_bytes(cells, start, salt)


class Comparison:
    """Compares what was seen of one scenario with what was expected.

    ``known`` are the known differences that were met; nothing after the first is compared.
    """

    def __init__(self, plan: Plan, expected: Expected, fs: str) -> None:
        self.known: list[Row] = []
        self._fs = fs
        self._plan = plan
        self._scenario: Scenario = plan.scenario
        self._expected = expected
        operations = [op for cpu in plan.scenario.cpus for op in cpu.program]
        self._mapped = {m.file for space in plan.scenario.spaces for m in space.mappings}
        self._mapped |= {op.file for op in operations if isinstance(op, Mmap)}
        self._salt = salt_of(plan.scenario)
        self._good: Seen | None = None

    def difference(self, seen: Seen) -> Difference | None:
        """The first difference, in the order of the program, or ``None``."""
        if self._good is not None and _alike(seen, self._good):
            return None  # from most page states a program does just the same
        self.known.clear()
        found = self._difference(seen)
        self._good = seen if found is None else None
        return found

    def _difference(self, seen: Seen) -> Difference | None:
        for c in range(len(seen.results)):
            found = self._program(c, seen)
            if found is not None or self.known:
                return found
        return self._files(seen) or self._memory(seen)

    def _program(self, c: int, seen: Seen) -> Difference | None:
        expected = self._expected
        program = self._scenario.cpus[c].program
        for i, operation in enumerate(program[: len(seen.results[c])]):
            word, result, was = kind_of(operation), expected.results[c][i], seen.results[c][i]
            result = to_host(result) if result > 0 else result
            offset, asked = _asked(operation)
            case = Case(
                self._fs,
                word,
                result,
                was,
                to_host(asked),
                offset > expected.sizes[c][i],
                getattr(operation, "file", -1) in self._mapped,
            )
            row = row_for(case)
            if row is not None:
                self.known.append(row)
                return None
            if was != result and not isinstance(operation, _FREE):
                message = (
                    f"operation {i + 1}, {operation}: returned {_name(was)}, "
                    f"the model says {_name(result)}"
                )
                return Difference("result", word, message, seen.setting, result, was)
            start, cells = expected.loads[c][i]
            what = f"operation {i + 1}, {operation}, loaded"
            found = self._bytes(
                "load", word, what, _Place(cells, start, self._salt), seen.loads[c][i], seen.setting
            )
            if found is not None:
                return found
        return None

    def _files(self, seen: Seen) -> Difference | None:
        for f, cells in enumerate(self._expected.files):
            size = to_host(len(cells))
            if seen.sizes[f] != size:
                message = f"f{f} has {seen.sizes[f]} bytes, the model says {size}"
                return Difference("size", "size", message, seen.setting, size, seen.sizes[f])
            data = _Place(cells, 0, self._salt)
            for view, shown in seen.views[f].items():
                what = f"f{f} by {view} has"
                found = self._bytes("content", view, what, data, shown, seen.setting)
                if found is not None:
                    return found
        return None

    def _memory(self, seen: Seen) -> Difference | None:
        for space, pages in enumerate(seen.memory):
            found = self._space(space, pages, seen.setting)
            if found is not None:
                return found
        return None

    def _space(self, space: int, pages: dict[int, bytes | None], setting: str) -> Difference | None:
        for vpn, shown in pages.items():
            cells = self._expected.memory[space].get(vpn)
            where = f"m{vpn // SLOT_PAGES - 1}, page {vpn % SLOT_PAGES},"
            if space:
                where = f"in the forked process {where}"
            if (cells is None) != (shown is None):
                there = "is not there" if shown is None else "is there"
                other = "is not" if cells is None else "is"
                message = f"{where} {there}, the model says that it {other}"
                return Difference("memory", "there", message, setting)
            if cells is not None and shown is not None:
                data = _Place(cells, 0, self._salt)
                found = self._bytes(
                    "memory", "memory", f"{where} has", data, shown[: len(data.data)], setting
                )
                if found is not None:
                    return found
        return None

    def _bytes(
        self, kind: str, operation: str, what: str, place: _Place, shown: bytes, setting: str
    ) -> Difference | None:
        data = place.data
        if data == shown:
            return None
        if len(data) != len(shown):
            message = f"{what} {len(shown)} bytes, the model says {len(data)}"
            return Difference(kind, operation, message, setting, len(data), len(shown))
        low = self._first_wrong(place, shown)
        if low is None:
            return None
        high = low
        while high < len(data) and data[high] != shown[high]:
            high += 1
        part = shown[low:high]
        source = self._source(part)
        message = (
            f"{what} at bytes {low} to {high - 1} {source or _hex(part)}, the model says "
            f"{self._source(data[low:high]) or _hex(data[low:high])}"
        )
        unwritten = source is None or (any(part) and not any(data[low:high]))
        return Difference(kind, operation, message, setting, unwritten=unwritten)

    def _first_wrong(self, place: _Place, shown: bytes) -> int | None:
        """The first byte that differs and may not: loose bytes may be there or not."""
        loose = self._expected.loose
        base = to_host(place.start)
        for i, cell in enumerate(place.cells, place.start):
            low, high = to_host(i) - base, to_host(i + 1) - base
            should, is_ = place.data[low:high], shown[low:high]
            if should == is_ or cell in loose:
                continue
            first = next(n for n in range(high - low) if should[n] != is_[n])
            if cell != ZERO or not self._from_loose(is_[first:]):
                return low + first
        return None

    def _from_loose(self, part: bytes) -> bool:
        origins = {cell >> ORIGIN & 0xFFFFFF for cell in self._expected.loose}
        return any(
            part[:8] in made(origin, 0, 3 * HOST_PAGE, self._salt) for origin in sorted(origins)
        )

    def _source(self, part: bytes) -> str | None:
        """What put ``part`` into the world, or ``None`` if nothing of this scenario did."""
        if not any(part):
            return "zeros"
        sample = part[:8] if len(part) >= 4 else part
        for origin, what in enumerate(self._plan.origins.names()):
            pool = made(origin, 0, 3 * HOST_PAGE, self._salt)
            at = pool.find(sample)
            if at >= 0 and origin > 1:
                return f"bytes {at} to {at + len(part) - 1} of {what}"
        return None


def _alike(seen: Seen, other: Seen) -> bool:
    """Whether ``seen`` shows nothing that ``other`` does not."""
    return (
        (seen.results, seen.loads, seen.sizes) == (other.results, other.loads, other.sizes)
        and seen.memory == other.memory
        and all(
            view.items() <= whole.items()
            for view, whole in zip(seen.views, other.views, strict=True)
        )
    )


def _asked(operation: Operation) -> tuple[int, int]:
    """The offset in the file and the bytes that a read or a write asks for, in model units."""
    if isinstance(operation, DirectRead | DirectWrite):
        return operation.first * MODEL_PAGE, operation.pages * MODEL_PAGE
    buffer = getattr(operation, "buffer", ())
    return getattr(operation, "offset", 0), sum(segment.length for segment in buffer)


def _name(result: int) -> str:
    return str(result) if result >= 0 else f"-{errorcode.get(-result, str(-result))}"


def _hex(data: bytes) -> str:
    return data[:16].hex(" ") + ("..." if len(data) > 16 else "")
