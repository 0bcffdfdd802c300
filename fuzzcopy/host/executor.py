"""Performs the operations of a program by real system calls, one after the other."""

from __future__ import annotations

import os
from errno import EEXIST, EINVAL
from pathlib import Path

from fuzzcopy.host import syscalls as sys
from fuzzcopy.host.child import Child
from fuzzcopy.host.files import REMOUNTED, Files, answer
from fuzzcopy.host.job import Job, Seen
from fuzzcopy.host.memory import Memory, address_of
from fuzzcopy.host.scale import HOST_PAGE
from fuzzcopy.scenario import (
    DirectRead,
    DirectWrite,
    Fallocate,
    Fork,
    Fsync,
    Invalidate,
    Load,
    Madvise,
    Mlock,
    Mmap,
    Mprotect,
    Mremap,
    Msync,
    Munmap,
    Operation,
    Punch,
    Read,
    Reclaim,
    Scenario,
    Segment,
    Store,
    SwitchTo,
    Truncate,
    Write,
    kind_of,
)

DRAWN = (
    "write", "read", "reclaim", "load", "store", "truncate", "munmap", "mmap", "mlock", "madvise",
    "punch", "fallocate", "mprotect", "mremap", "invalidate", "fsync", "msync", "directread",
    "directwrite", "fork",
)  # fmt: skip
"""The kinds of operation that are drawn for a real kernel."""

KINDS = (*DRAWN, "switchto")
"""The kinds of operation that can be performed; to switch is to go on in the forked process."""


_ALONE = (DirectRead, DirectWrite, Fork, SwitchTo)
"""Beside other threads, what these may do is not said: open(2) asks not to mix direct I/O with
anything else, and a fork of one thread copies what others are in the middle of."""


def cannot_perform(scenario: Scenario) -> str | None:
    """What of a scenario no real kernel can be asked for here."""
    for cpu in scenario.cpus:
        for operation in cpu.program:
            if kind_of(operation) not in KINDS:
                return f"{operation} is nothing that a program can do"
            if len(scenario.cpus) > 1 and isinstance(operation, _ALONE):
                return f"{operation} is done by programs of one CPU only"
    moves = [op for op in scenario.cpus[0].program if isinstance(op, Fork | SwitchTo)]
    if [type(op) for op in moves] != [Fork, *[SwitchTo] * (len(moves) - 1)][: len(moves)]:
        return "a program forks once, and changes over to the other process only after that"
    if any(space.mappings for space in scenario.spaces[1:]) or len(scenario.spaces) > 2:
        return "there is one address space, and the one that is forked from it"
    return None


class Executor:
    """One address space, the one that is forked from it, and the files of one directory."""

    def __init__(self, directory: Path, *, evictable: bool) -> None:
        self.memory = Memory()
        self.files = Files(directory, evictable=evictable)
        self._child: Child | None = None
        self._in_child = False

    def run(self, job: Job, setting: str, *, evicted: bool) -> Seen:
        """Run the first CPU's program from the page states of ``setting``."""
        self.files.established = self.files.missed = 0
        if setting == REMOUNTED:
            self.files.open(len(job.disk))
            return self.look(job, setting, [[]], [[]], evicted=False)
        self.prepare(job, setting)
        results, loads = [], []
        for operation, data in zip(job.scenario.cpus[0].program, job.stores[0], strict=True):
            result, loaded = self.perform(operation, data)
            results.append(result)
            loads.append(loaded)
        return self.look(job, setting, [results], [loads], evicted=evicted)

    def prepare(self, job: Job, setting: str) -> None:
        """Files and mappings as they are when the program begins."""
        self._end_child()
        self.memory.clear()
        self.files.prepare(job, setting)
        scenario = job.scenario
        for mapping in scenario.spaces[0].mappings:
            self.memory.map(mapping, self._fd(mapping.file))
            touch = mapping.present if setting == "drawn" else setting == "mapped"
            if mapping.file is not None and touch:
                states = scenario.files[mapping.file].pages
                for i in range(mapping.pages):
                    page = mapping.first + i
                    cached = page < len(states) and states[page] in ("clean", "dirty")
                    if cached or setting == "mapped":
                        sys.read_own(address_of(mapping.slot, i * HOST_PAGE), 1)
        for space, slot, data in job.anonymous:
            if space == 0:
                writable = next(m for m in scenario.spaces[0].mappings if m.slot == slot).writable
                self._fill(slot, data, writable=writable)

    def _fill(self, slot: int, data: bytes, *, writable: bool) -> None:
        at = address_of(slot)
        if not writable:
            sys.mprotect(at, len(data), sys.PROT_READ | sys.PROT_WRITE)
        sys.write_own(at, data)
        if not writable:
            sys.mprotect(at, len(data), sys.PROT_READ)

    def look(
        self,
        job: Job,
        setting: str,
        results: list[list[int]],
        loads: list[list[bytes]],
        *,
        evicted: bool,
    ) -> Seen:
        """What there is once the programs have ended."""
        slots = sorted({
            *[m.slot for m in job.scenario.spaces[0].mappings],
            *[op.slot for cpu in job.scenario.cpus for op in cpu.program if isinstance(op, Mmap)],
            *[op.to for cpu in job.scenario.cpus for op in cpu.program if isinstance(op, Mremap)],
        })  # fmt: skip
        count = max([m.pages for m in job.scenario.spaces[0].mappings], default=1)
        memory = [self.memory.pages(slots, count)]
        if self._child is not None:
            memory.append(self._child.pages(slots, count))
        self._end_child()
        self.memory.clear()
        numbers = range(len(job.disk))
        return Seen(
            setting,
            results,
            loads,
            [self.files.size(f) for f in numbers],
            [self.files.look(f, evicted=evicted) for f in numbers],
            memory,
            self.files.established,
            self.files.missed,
        )

    def _fd(self, file: int | None) -> int:
        return -1 if file is None else self.files.descriptors[file]

    def perform(self, operation: Operation, data: bytes) -> tuple[int, bytes]:
        """One operation: its result, and what it loaded."""
        match operation:
            case Fork(child):
                return self._fork(child), b""
            case SwitchTo(space):
                self._in_child = self._child is not None and space == 1
                return 0, b""
        if self._in_child:
            assert self._child is not None
            return self._child.perform(operation, data)
        return self.perform_here(operation, data)

    def _fork(self, child: int) -> int:
        """Address space 1 is the process that is forked first; there is no other."""
        if child == int(self._in_child):
            return -EINVAL
        if child == 0 or self._child is not None:
            return -EEXIST
        self._child = Child(self.perform_here, self.memory.pages)
        return 0

    def _end_child(self) -> None:
        self._in_child = False
        if self._child is not None:
            self._child.close()
            self._child = None

    def perform_here(self, operation: Operation, data: bytes) -> tuple[int, bytes]:
        """One operation, by this process."""
        if isinstance(operation, Load):
            return self.memory.load(address_of(operation.slot, operation.offset), operation.length)
        return self._perform(operation, data), b""

    def _perform(self, operation: Operation, data: bytes) -> int:
        match operation:
            case Write(file, offset, buffer):
                return sys.pwritev(self._fd(file), _vector(buffer), offset)
            case Read(file, offset, buffer):
                return sys.preadv(self._fd(file), _vector(buffer), offset)
            case DirectRead(file, first, slot, at, pages):
                fd = self.files.direct[file]
                return sys.preadv(fd, [_range(slot, at, pages)], first * HOST_PAGE)
            case DirectWrite(file, first, slot, at, pages):
                fd = self.files.direct[file]
                return sys.pwritev(fd, [_range(slot, at, pages)], first * HOST_PAGE)
            case Msync(slot, first, pages):
                return sys.msync(*_range(slot, first, pages))
            case Store(slot, offset):
                return self.memory.store(address_of(slot, offset), data)
            case Mmap(file=file, populate=populate):
                return self.memory.map(operation, self._fd(file), populate=populate)
            case Munmap(slot, first, pages):
                return sys.munmap(*_range(slot, first, pages))
            case Madvise(slot, first, pages):
                return sys.madvise(*_range(slot, first, pages), sys.MADV_DONTNEED)
            case Mprotect(slot, first, pages, writable):
                prot = sys.PROT_READ | (sys.PROT_WRITE if writable else 0)
                return sys.mprotect(*_range(slot, first, pages), prot)
            case Mremap(slot, pages, to):
                return sys.mremap(*_range(slot, 0, pages), address_of(to))
            case Mlock(slot, pages):
                result = sys.mlock(*_range(slot, 0, pages))
                # Only the faulting in is the model's; a locked range would refuse MADV_DONTNEED.
                sys.munlock(*_range(slot, 0, pages))
                return result
            case Truncate(file, size):
                fd = self._fd(file)
                return answer(lambda: os.ftruncate(fd, size))
            case Punch(file, first, pages):
                return sys.punch(self._fd(file), first * HOST_PAGE, pages * HOST_PAGE)
            case Fallocate(file, first, pages):
                return sys.reserve(self._fd(file), first * HOST_PAGE, pages * HOST_PAGE)
            case Fsync(file):
                fd = self._fd(file)
                return answer(lambda: os.fsync(fd))
            case Reclaim(file, page):
                self.files.evict(file, page)
                return 0
            case Invalidate(file):
                self.files.evict(file)
                return 0
        raise NotImplementedError(f"no system call for {type(operation).__name__}")


def _range(slot: int, first: int, pages: int) -> tuple[int, int]:
    return address_of(slot, first * HOST_PAGE), pages * HOST_PAGE


def _vector(buffer: tuple[Segment, ...]) -> list[tuple[int, int]]:
    return [(address_of(s.slot, s.offset), s.length) for s in buffer]
