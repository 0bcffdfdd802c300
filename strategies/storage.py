"""System calls on where a file's bytes are: on the disk, in the cache; drawn."""

from __future__ import annotations

from hypothesis import strategies as st

from fuzzcopy.scenario import Fallocate, Operation
from fuzzcopy.strategies.surroundings import Draw, Maker, Surroundings


def fallocate(draw: Draw, at: Surroundings) -> Operation:
    file = at.file(draw)
    return Fallocate(file, at.page(draw, file), draw(st.integers(1, 2)))


MAKERS: dict[str, Maker] = {"fallocate": fallocate}
