"""Concurrent outcomes: what the model can produce, and what some order of the operations explains.

First the model is run under many schedules: one of them should end exactly as the machine did. If
none does within the budget, every byte must at least be explained by an order that respects real
time (:mod:`fuzzcopy.oracles.history`).
"""

from __future__ import annotations

from collections.abc import Iterator
from errno import EFAULT
from zlib import crc32

from fuzzcopy.host.compare import Comparison, Difference
from fuzzcopy.host.job import Job, Seen
from fuzzcopy.host.reference import observe
from fuzzcopy.host.scale import HOST_PAGE
from fuzzcopy.oracles.history import UNKNOWN, Access, Cut, History
from fuzzcopy.runner import Tally, policies_for
from fuzzcopy.scenario import (
    Load,
    MappingSpec,
    Mmap,
    Operation,
    Punch,
    Read,
    Segment,
    Store,
    Truncate,
    Write,
    encode,
)
from fuzzcopy.sched import Driver, Problem, Verdict
from fuzzcopy.world import Plan

SCHEDULES = 60
"""How many schedules of the model are tried for one outcome."""


_LAST = 32 * HOST_PAGE
"""Past the last byte of any file of a program."""


async def produced_by_model(
    driver: Driver, plan: Plan, seen: Seen, fs: str, *, schedules: int = SCHEDULES
) -> int:
    """The number of the first of the model's schedules that ends like ``seen``, or 0."""
    tally = Tally()
    seed = crc32(encode(plan.scenario))
    for number, policy in enumerate(policies_for(seed, schedules, tally), 1):
        try:
            expected = await observe(driver, plan, policy, tally=tally)
        except (Problem, Verdict):
            continue
        comparison = Comparison(plan, expected, fs)
        if comparison.difference(seen) is None and not comparison.known:
            return number
    return 0


def unexplained(job: Job, seen: Seen) -> Difference | None:
    """A byte that no order of the operations explains, or ``None``."""
    for f, history in enumerate(_Histories(job, seen).build()):
        found = history.unexplained() if history.suspect else None
        if found is not None:
            read, byte, writers = found
            value = read.cells[byte - read.low]
            wrote = "; ".join(f"{w.who} wrote {w.cells[byte - w.low]:#x}" for w in writers[-3:])
            message = f"byte {byte} of f{f}: {read.who} has {value:#x}, but {wrote}"
            known = any(value in (w.cells[byte - w.low], 0) for w in writers)
            return Difference("order", "bytes", message, seen.setting, unwritten=not known)
    return None


class _Histories:
    """Turns what was seen of a job into a history of each file."""

    def __init__(self, job: Job, seen: Seen) -> None:
        self._job = job
        self._seen = seen
        scenario = job.scenario
        self._programs = [cpu.program for cpu in scenario.cpus]
        self._mappings = {m.slot: m for m in scenario.spaces[0].mappings}
        everything = [op for program in self._programs for op in program]
        self._remapped = {
            slot
            for op in everything
            if not isinstance(op, (Store, Load))
            for slot in (getattr(op, "slot", None), getattr(op, "to", None))
            if slot is not None
        }
        reached = any(_reaches(op, self._remapped) for op in everything)
        self._dark = {
            op.file
            for op in [*everything, *self._mappings.values()]
            if isinstance(op, (Mmap, MappingSpec)) and op.shared and op.writable and reached
        }
        self._changed = self._remapped | {
            slot
            for op in everything
            for slot in (
                [op.slot]
                if isinstance(op, Store)
                else [s.slot for s in op.buffer]
                if isinstance(op, Read)
                else []
            )
        }

    def build(self) -> list[History]:
        """The histories, each with everything that is known of its file."""
        histories = []
        end = 1 + max((t[1] for times in self._seen.times for t in times), default=0)
        for f, data in enumerate(self._job.disk):
            cells = bytearray(data)
            for page, changed in self._job.cache[f]:
                cells[page * HOST_PAGE : page * HOST_PAGE + len(changed)] = changed
            history = History(f"f{f}", len(cells), list(cells))
            for c, i, operation in self._in_order():
                self._enter(history, f, c, i, operation)
            if f in self._dark:
                history.exempt.update(range(_LAST))
            for view, shown in self._seen.views[f].items():
                history.read(Access(f"the file by {view}", end, end, 0, list(shown)))
            shortest = self._shortest(f, len(cells))
            if shortest is not None:
                history.exempt.update(range(shortest, _LAST))
            histories.append(history)
        return histories

    def _in_order(self) -> Iterator[tuple[int, int, Operation]]:
        """All operations by when they ended."""
        order = sorted(
            (times[1], c, i)
            for c, program in enumerate(self._seen.times)
            for i, times in enumerate(program)
        )
        for _, c, i in order:
            yield c, i, self._programs[c][i]

    def _shortest(self, f: int, size: int) -> int | None:
        """From where on bytes may come and go: a mapping reached past what was the end then.

        So may a failed write: it can leave the file longer.
        """
        cuts = [op for _, _, op in self._in_order() if isinstance(op, Truncate)]
        sizes = [size, *[op.size for op in cuts if op.file == f]]
        shared = any(m.file == f and m.shared for m in self._mappings.values())
        failed = any(
            isinstance(op, Write) and op.file == f and self._seen.results[c][i] == -EFAULT
            for c, i, op in self._in_order()
        )
        return min(sizes) if shared or failed else None

    def _enter(self, history: History, f: int, c: int, i: int, operation: Operation) -> None:
        begin, end = self._seen.times[c][i]
        result = self._seen.results[c][i]
        who = f"{operation} by cpu{c}"
        match operation:
            case Write(file, offset, buffer) if file == f:
                if result > 0:
                    cells = self._source(buffer)[:result]
                    history.write(Access(who, begin, end, offset, cells))
            case Read(file, offset, buffer) if file == f:
                data = self._seen.reads[c][i]
                private = not any(s.slot in self._others(c) for s in buffer)
                distinct = len({s.slot for s in buffer}) == len(buffer)
                if result > 0 and len(data) == result and private and distinct:
                    history.read(Access(who, begin, end, offset, list(data)))
                self._into_mappings(history, f, operation, who, (begin, end), result)
            case Read(_, _, _):
                self._into_mappings(history, f, operation, who, (begin, end), result)
            case Load(slot, offset) | Store(slot, offset) if self._shows(slot, f):
                low = self._mappings[slot].first * HOST_PAGE + offset
                if isinstance(operation, Load):
                    seen = self._seen.loads[c][i]
                    history.read(Access(who, begin, end, low, list(seen)))
                elif result > 0:
                    data = self._job.stores[c][i]
                    history.write(Access(who, begin, end, low, list(data)))
                else:
                    history.exempt.update(range(low, low + operation.length))
            case Load() | Store():
                pass
            case Punch(file, first, pages) if file == f and result == 0:
                low = first * HOST_PAGE
                high = min(low + pages * HOST_PAGE, history.witness_size)
                if low < high:
                    history.punch(Access(who, begin, end, low, [0] * (high - low)))
            case Truncate(file, size) if file == f and result == 0:
                history.cut(Cut(who, begin, end, size))

    def _into_mappings(
        self, history: History, f: int, read: Read, who: str, times: tuple[int, int], result: int
    ) -> None:
        """A read into memory that shows a file writes to that file: something."""
        for segment in read.buffer:
            length = min(segment.length, result)
            if length > 0 and self._shows(segment.slot, f):
                low = self._mappings[segment.slot].first * HOST_PAGE + segment.offset
                history.write(Access(who, *times, low, [UNKNOWN] * length))
            result -= segment.length

    def _shows(self, slot: int, f: int) -> bool:
        """Whether a slot maps ``f`` shared, all the time."""
        mapping = self._mappings.get(slot)
        return mapping is not None and mapping.file == f and mapping.shared

    def _source(self, buffer: tuple[Segment, ...]) -> list[int]:
        """What a write's buffer holds, as far as nobody changes it."""
        cells: list[int] = []
        for segment in buffer:
            mapping = self._mappings.get(segment.slot)
            if mapping is None or mapping.file is not None or segment.slot in self._changed:
                cells += [UNKNOWN] * segment.length
                continue
            data = next((d for _, slot, d in self._job.anonymous if slot == segment.slot), b"")
            part = data[segment.offset : segment.offset + segment.length]
            cells += [*part, *[0] * (segment.length - len(part))]
        return cells

    def _others(self, c: int) -> set[int]:
        """The slots whose memory other CPUs may change, or that show a file."""
        files = {slot for slot, mapping in self._mappings.items() if mapping.file is not None}
        stored = {
            slot
            for other, program in enumerate(self._programs)
            if other != c
            for op in program
            for slot in (
                [op.slot]
                if isinstance(op, Store)
                else [s.slot for s in op.buffer]
                if isinstance(op, Read)
                else []
            )
        }
        return files | stored | self._remapped


def _reaches(operation: Operation, slots: set[int]) -> bool:
    """Whether an operation writes to the memory of one of ``slots``."""
    if isinstance(operation, Store):
        return operation.slot in slots
    return isinstance(operation, Read) and any(s.slot in slots for s in operation.buffer)
