"""Reads and writes past the page cache, drawn."""

from __future__ import annotations

from hypothesis import strategies as st

from fuzzcopy.scenario import DirectRead, DirectWrite, Operation
from fuzzcopy.strategies.surroundings import Draw, Maker, Surroundings


def direct_read(draw: Draw, at: Surroundings) -> Operation:
    """A page or two of a file, into a mapping."""
    # It changes memory: where programs meet.
    return DirectRead(*_place(draw, at, at.slot(draw)))


def direct_write(draw: Draw, at: Surroundings) -> Operation:
    """A page or two of a mapping, into a file."""
    # It changes the file, so the memory is better some other than what shows that file.
    return DirectWrite(*_place(draw, at, at.buffer(draw)))


def _place(draw: Draw, at: Surroundings, memory: tuple[int, int]) -> tuple[int, int, int, int, int]:
    file = at.file(draw)
    slot, pages = memory
    first = at.page(draw, file)
    # Past the end now and then: a write makes the file longer.
    most = min(at.files[file] - first, 2) if draw(st.integers(0, 3)) else 2
    return file, first, slot, draw(st.integers(0, pages - 1)), draw(st.integers(1, max(most, 1)))


MAKERS: dict[str, Maker] = {"directread": direct_read, "directwrite": direct_write}
