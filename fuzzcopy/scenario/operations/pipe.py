"""System calls on the scenario's pipe. They never wait: a full or an empty pipe is an error."""

from __future__ import annotations

from fuzzcopy.scenario.operations.base import Base, Segment, Size, Small, shown


class PipeWrite(Base, frozen=True):
    """``writev(pipe, buffer)``."""

    buffer: tuple[Segment, ...]

    def __str__(self) -> str:
        return f"pipe_write({shown(self.buffer)})"


class PipeRead(Base, frozen=True):
    """``readv(pipe, buffer)``."""

    buffer: tuple[Segment, ...]

    def __str__(self) -> str:
        return f"pipe_read({shown(self.buffer)})"


class Splice(Base, frozen=True):
    """``splice``: ``length`` bytes of ``file`` from byte ``offset`` on into the pipe."""

    file: Small
    offset: Size
    length: Size

    def __str__(self) -> str:
        return f"splice(f{self.file}, {self.offset}:{self.length} -> pipe)"
