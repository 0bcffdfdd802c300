"""System calls on where a file's bytes are: on the disk, in the cache."""

from __future__ import annotations

from fuzzcopy.scenario.operations.base import Base, Pages, Small


class Fallocate(Base, frozen=True):
    """Reserve blocks for ``pages`` from page ``first`` of ``file`` on (``FALLOC_FL_KEEP_SIZE``)."""

    file: Small
    first: Small
    pages: Pages

    def __str__(self) -> str:
        return f"fallocate(f{self.file}:{self.first}+{self.pages})"
