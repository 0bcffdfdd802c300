"""Write protection by userfaultfd, drawn."""

from __future__ import annotations

from hypothesis import strategies as st

from fuzzcopy.scenario import Operation, Unprotect, WriteProtect
from fuzzcopy.strategies.surroundings import Draw, Maker, Surroundings


def write_protect(draw: Draw, at: Surroundings) -> Operation:
    slot, pages = at.slot(draw)
    first = draw(st.integers(0, pages - 1))
    return WriteProtect(slot, first, pages - first)


def unprotect(draw: Draw, at: Surroundings) -> Operation:
    slot, pages = at.slot(draw)
    first = draw(st.integers(0, pages - 1))
    return Unprotect(slot, first, pages - first)


MAKERS: dict[str, Maker] = {"writeprotect": write_protect, "unprotect": unprotect}
