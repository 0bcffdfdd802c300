"""System calls on files."""

from __future__ import annotations

from fuzzcopy.scenario.operations.base import Base, Pages, Segment, Size, Small, shown


class Write(Base, frozen=True):
    """``pwritev(file, buffer, offset)``."""

    file: Small
    offset: Size
    buffer: tuple[Segment, ...]

    def __str__(self) -> str:
        return f"write(f{self.file}, {self.offset}, {shown(self.buffer)})"


class Read(Base, frozen=True):
    """``preadv(file, buffer, offset)``."""

    file: Small
    offset: Size
    buffer: tuple[Segment, ...]

    def __str__(self) -> str:
        return f"read(f{self.file}, {self.offset}, {shown(self.buffer)})"


class Readahead(Base, frozen=True):
    """Start to read ``pages`` from page ``first`` of ``file`` on, and wait for nothing."""

    file: Small
    first: Small
    pages: Pages

    def __str__(self) -> str:
        return f"readahead(f{self.file}:{self.first}+{self.pages})"


class Truncate(Base, frozen=True):
    """Make ``file`` ``size`` bytes long."""

    file: Small
    size: Size

    def __str__(self) -> str:
        return f"truncate(f{self.file}, {self.size})"


class Punch(Base, frozen=True):
    """Make a hole of ``pages`` from page ``first`` of ``file`` on (``FALLOC_FL_PUNCH_HOLE``)."""

    file: Small
    first: Small
    pages: Pages

    def __str__(self) -> str:
        return f"punch(f{self.file}:{self.first}+{self.pages})"


class Fsync(Base, frozen=True):
    """Everything written to ``file`` so far shall be on the disk."""

    file: Small

    def __str__(self) -> str:
        return f"fsync(f{self.file})"
