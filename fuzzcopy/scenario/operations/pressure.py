"""What the kernel does to pages by itself, here at the call of a program."""

from __future__ import annotations

from fuzzcopy.scenario.operations.base import Base, Small


class Reclaim(Base, frozen=True):
    """Memory runs short: try to free page ``page`` of ``file``."""

    file: Small
    page: Small

    def __str__(self) -> str:
        return f"reclaim(f{self.file}:{self.page})"


class Migrate(Base, frozen=True):
    """Compaction: move page ``page`` of ``file`` to another frame."""

    file: Small
    page: Small

    def __str__(self) -> str:
        return f"migrate(f{self.file}:{self.page})"


class Invalidate(Base, frozen=True):
    """The server says that ``file`` changed: drop its clean pages (``invalidate_inode_pages2``)."""

    file: Small

    def __str__(self) -> str:
        return f"invalidate(f{self.file})"
