"""Reads and writes past the page cache, of whole pages."""

from __future__ import annotations

from fuzzcopy.scenario.operations.base import Base, Pages, Small


class DirectRead(Base, frozen=True):
    """``pread`` with ``O_DIRECT``: ``pages`` from page ``first`` of ``file`` on.

    They go to mapping ``slot`` from its page ``at`` on.
    """

    file: Small
    first: Small
    slot: Small
    at: Small
    pages: Pages

    def __str__(self) -> str:
        return f"direct_read(f{self.file}:{self.first}+{self.pages} -> m{self.slot}:{self.at})"


class DirectWrite(Base, frozen=True):
    """``pwrite`` with ``O_DIRECT``: ``pages`` to page ``first`` of ``file`` on.

    They come from mapping ``slot``, from its page ``at`` on.
    """

    file: Small
    first: Small
    slot: Small
    at: Small
    pages: Pages

    def __str__(self) -> str:
        return f"direct_write(f{self.file}:{self.first}+{self.pages} <- m{self.slot}:{self.at})"
