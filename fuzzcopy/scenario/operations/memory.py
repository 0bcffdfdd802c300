"""System calls on an address space, and the program's own loads and stores."""

from __future__ import annotations

from fuzzcopy.scenario.operations.base import Base, Pages, Size, Small


class Load(Base, frozen=True):
    """The program reads its own memory."""

    slot: Small
    offset: Size
    length: Size

    def __str__(self) -> str:
        return f"load(m{self.slot}+{self.offset}:{self.length})"


class Store(Base, frozen=True):
    """The program writes bytes nobody else writes to its own memory."""

    slot: Small
    offset: Size
    length: Size

    def __str__(self) -> str:
        return f"store(m{self.slot}+{self.offset}:{self.length})"


class Mmap(Base, frozen=True):
    """Map ``pages`` of ``file`` from page ``first`` on (``None``: anonymous) at ``slot``."""

    slot: Small
    file: Small | None
    first: Small
    pages: Pages
    shared: bool
    writable: bool
    populate: bool

    def __str__(self) -> str:
        if self.file is None:
            return f"mmap(m{self.slot}, anonymous, {self.pages} pages)"
        words = ["shared" if self.shared else "private", "rw" if self.writable else "r"]
        if self.populate:
            words.append("populate")
        what = f"f{self.file}:{self.first}+{self.pages}"
        return f"mmap(m{self.slot}, {what}, {' '.join(words)})"


class Munmap(Base, frozen=True):
    """Unmap ``pages`` from page ``first`` of ``slot`` on."""

    slot: Small
    first: Small
    pages: Pages

    def __str__(self) -> str:
        return f"munmap(m{self.slot}:{self.first}+{self.pages})"


class Madvise(Base, frozen=True):
    """``madvise(MADV_DONTNEED)`` for ``pages`` from page ``first`` of ``slot`` on."""

    slot: Small
    first: Small
    pages: Pages

    def __str__(self) -> str:
        return f"madvise(m{self.slot}:{self.first}+{self.pages}, dontneed)"


class Lazyfree(Base, frozen=True):
    """``madvise(MADV_FREE)`` for ``pages`` from page ``first`` of ``slot`` on."""

    slot: Small
    first: Small
    pages: Pages

    def __str__(self) -> str:
        return f"madvise(m{self.slot}:{self.first}+{self.pages}, free)"


class Mprotect(Base, frozen=True):
    """Make ``pages`` from page ``first`` of ``slot`` on writable, or read-only."""

    slot: Small
    first: Small
    pages: Pages
    writable: bool

    def __str__(self) -> str:
        mode = "rw" if self.writable else "r"
        return f"mprotect(m{self.slot}:{self.first}+{self.pages}, {mode})"


class Mremap(Base, frozen=True):
    """Move the mapping of ``pages`` at ``slot`` to slot ``to``."""

    slot: Small
    pages: Pages
    to: Small

    def __str__(self) -> str:
        return f"mremap(m{self.slot}:0+{self.pages} -> m{self.to})"


class Msync(Base, frozen=True):
    """``msync(MS_SYNC)`` for ``pages`` from page ``first`` of ``slot`` on."""

    slot: Small
    first: Small
    pages: Pages

    def __str__(self) -> str:
        return f"msync(m{self.slot}:{self.first}+{self.pages})"


class Mlock(Base, frozen=True):
    """Fault in ``pages`` from the start of ``slot`` on, for good."""

    slot: Small
    pages: Pages

    def __str__(self) -> str:
        return f"mlock(m{self.slot}, {self.pages} pages)"
