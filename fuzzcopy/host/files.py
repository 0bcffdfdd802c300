"""The files of a program: made, brought into the page states asked for, looked at afterwards."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from fuzzcopy.host import syscalls as sys
from fuzzcopy.host.job import Job
from fuzzcopy.host.scale import HOST_PAGE
from fuzzcopy.scenario import FileSpec
from fuzzcopy.scenario.scenario import PageState

T = TypeVar("T")

SETTINGS = ("drawn", "written", "mapped", "cold")
"""The page states that a program is begun in: as it was drawn; just written; written and mapped
pages touched; nothing cached."""

REMOUNTED = "remounted"
"""Not a setting to begin a program in: its files are only looked at."""


class Files:
    """Files ``f0``, ``f1``, ... in ``directory``; ``evictable``: clean pages can be dropped."""

    def __init__(self, directory: Path, *, evictable: bool) -> None:
        self._directory = directory
        self._evictable = evictable
        self.descriptors: list[int] = []
        self.direct: list[int] = []
        self.established = 0
        self.missed = 0

    def open(self, number: int) -> None:
        """Have so many files, as they are."""
        while len(self.descriptors) < number:
            path = self._directory / f"f{len(self.descriptors)}"
            fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_RANDOM)
            self.descriptors.append(fd)
            self.direct.append(_open_directly(path))

    def prepare(self, job: Job, setting: str) -> None:
        """Give the files their contents and page states."""
        self.open(len(job.disk))
        for f, (data, changed) in enumerate(zip(job.disk, job.cache, strict=True)):
            fd = self.descriptors[f]
            os.ftruncate(fd, 0)
            self._write(fd, data, job.scenario.files[f])
            states = self._states(job, f, setting)
            if setting in ("drawn", "cold") and self._evictable:
                if setting == "cold":
                    _overwrite(fd, changed)
                self._evict(fd)
                for p, state in enumerate(states):
                    if state == "clean":
                        os.pread(fd, 1, p * HOST_PAGE)
            if setting != "cold" or not self._evictable:
                _overwrite(fd, changed)
            self._verify(fd, len(data), states)

    def _write(self, fd: int, data: bytes, file: FileSpec) -> None:
        """Write what is written; the rest are holes, or blocks without data."""
        if not file.extents:
            os.pwrite(fd, data, 0)
            return
        os.ftruncate(fd, len(data))
        for p in range(-(-len(data) // HOST_PAGE)):
            at = p * HOST_PAGE
            match file.extent(p):
                case "written":
                    os.pwrite(fd, data[at : at + HOST_PAGE], at)
                case "unwritten":
                    sys.reserve(fd, at, HOST_PAGE)

    def _states(self, job: Job, f: int, setting: str) -> list[PageState]:
        """The page states that ``setting`` asks for."""
        file = job.scenario.files[f]
        pages = -(-file.size // HOST_PAGE)
        if setting == "cold":
            return ["absent"] * pages
        if setting == "drawn":
            # Cached and not uptodate: only a server that holds its answer back can make that.
            drawn: list[PageState] = ["absent" if s == "stale" else s for s in file.pages]
            return drawn + ["absent"] * (pages - len(drawn))
        over = {p for p, _ in job.cache[f]}
        return [
            "dirty" if p in over or file.extent(p) == "written" else "absent" for p in range(pages)
        ]

    def _verify(self, fd: int, size: int, states: list[PageState]) -> None:
        cached = sys.cached_pages(fd, size) if size else 0
        if cached == sum(state != "absent" for state in states):
            self.established += 1
        else:
            self.missed += 1

    def evict(self, f: int, page: int | None = None) -> None:
        """Ask for a page of a file, or all of it, to leave the cache: clean ones may."""
        start, length = (0, 0) if page is None else (page * HOST_PAGE, HOST_PAGE)
        os.posix_fadvise(self.descriptors[f], start, length, os.POSIX_FADV_DONTNEED)

    def _evict(self, fd: int) -> None:
        os.fdatasync(fd)
        os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)

    def size(self, f: int) -> int:
        """The size in bytes."""
        return os.fstat(self.descriptors[f]).st_size

    def look(self, f: int, *, evicted: bool) -> dict[str, bytes]:
        """The contents by read, by mapping, and (``evicted``) by read with nothing cached."""
        fd, size = self.descriptors[f], self.size(f)
        views = {"read": os.pread(fd, size, 0)}
        if size:
            views["mapping"] = _through_mapping(fd, size)
        if evicted and self._evictable:
            with suppress(OSError):
                self._evict(fd)
            views["evicted"] = os.pread(fd, size, 0)
        return views


def _open_directly(path: Path) -> int:
    """A descriptor for direct I/O; -1, which is no descriptor, where the file system has none."""
    try:
        return os.open(path, os.O_RDWR | os.O_DIRECT | os.O_CLOEXEC)
    except OSError:
        return -1


def _overwrite(fd: int, changed: list[tuple[int, bytes]]) -> None:
    for page, data in changed:
        os.pwrite(fd, data, page * HOST_PAGE)


def _through_mapping(fd: int, size: int) -> bytes:
    address = sys.mmap(0, size, sys.PROT_READ, sys.MAP_SHARED, fd)
    if address < 0:
        return b""
    data = sys.read_own(address, size)
    sys.munmap(address, size)
    return b"" if data is None else data


def answer(call: Callable[[], T]) -> int:
    """0, or the negative errno that ``call`` raised."""
    try:
        call()
    except OSError as error:
        return -(error.errno or errno.EIO)
    return 0
