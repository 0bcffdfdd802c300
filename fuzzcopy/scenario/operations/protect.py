"""Write protection by userfaultfd."""

from __future__ import annotations

from fuzzcopy.scenario.operations.base import Base, Pages, Small


class WriteProtect(Base, frozen=True):
    """Take a snapshot of ``pages`` from page ``first`` of ``slot`` on: writes get a copy."""

    slot: Small
    first: Small
    pages: Pages

    def __str__(self) -> str:
        return f"writeprotect(m{self.slot}:{self.first}+{self.pages})"


class Unprotect(Base, frozen=True):
    """Let go of the snapshot of ``pages`` from page ``first`` of ``slot`` on."""

    slot: Small
    first: Small
    pages: Pages

    def __str__(self) -> str:
        return f"unprotect(m{self.slot}:{self.first}+{self.pages})"
