"""fork(), and what a debugger or a fault handler does to a process's memory, drawn."""

from __future__ import annotations

from hypothesis import strategies as st

from fuzzcopy.scenario import Continue, Fork, Operation, Poke
from fuzzcopy.strategies.memory import access
from fuzzcopy.strategies.surroundings import Draw, Maker, Surroundings


def poke(draw: Draw, at: Surroundings) -> Operation:
    """A debugger's write."""
    return Poke(*access(draw, at))


def continue_(draw: Draw, at: Surroundings) -> Operation:
    """Mapping what is cached."""
    slot, pages = at.slot(draw)
    first = draw(st.integers(0, pages - 1))
    return Continue(slot, first, pages - first)


def fork(_draw: Draw, at: Surroundings) -> Operation:
    """A fork into the last address space, where nothing is mapped if a fork is likely."""
    return Fork(len(at.spaces) - 1)


MAKERS: dict[str, Maker] = {"poke": poke, "continue": continue_, "fork": fork}
