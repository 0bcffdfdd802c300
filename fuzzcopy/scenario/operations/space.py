"""What is done to an address space as a whole: its page tables, and who runs in it."""

from __future__ import annotations

from fuzzcopy.scenario.operations.base import Base, Small


class SwitchTo(Base, frozen=True):
    """The CPU runs in address space ``space`` from now on, and so does the rest of its program."""

    space: Small

    def __str__(self) -> str:
        return f"switch(mm{self.space})"


class Idle(Base, frozen=True):
    """The CPU idles for a moment, in lazy TLB mode."""

    def __str__(self) -> str:
        return "idle()"


class Collapse(Base, frozen=True):
    """Free the page-table page of ``slot``, if it shows only pages of files (khugepaged)."""

    slot: Small

    def __str__(self) -> str:
        return f"collapse(m{self.slot})"
