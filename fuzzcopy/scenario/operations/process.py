"""fork(), and what a debugger or a fault handler does to a process's memory."""

from __future__ import annotations

from fuzzcopy.scenario.operations.base import Base, Pages, Size, Small


class Poke(Base, frozen=True):
    """A debugger writes bytes nobody else writes, to private memory even if it is read-only.

    ``ptrace(PTRACE_POKEDATA)``, or a write to ``/proc/self/mem``.
    """

    slot: Small
    offset: Size
    length: Size

    def __str__(self) -> str:
        return f"poke(m{self.slot}+{self.offset}:{self.length})"


class Fork(Base, frozen=True):
    """Make address space ``child``, in which nothing is mapped, a copy of one's own.

    CPUs may be in it from the start, or switch to it.
    """

    child: Small

    def __str__(self) -> str:
        return f"fork(-> mm{self.child})"


class Continue(Base, frozen=True):
    """Map ``pages`` from page ``first`` of ``slot`` on that are cached (``UFFDIO_CONTINUE``)."""

    slot: Small
    first: Small
    pages: Pages

    def __str__(self) -> str:
        return f"continue(m{self.slot}:{self.first}+{self.pages})"
