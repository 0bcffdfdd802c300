"""System calls on files, drawn."""

from __future__ import annotations

from hypothesis import strategies as st

from fuzzcopy.scenario import Fsync, Operation, Punch, Read, Readahead, Truncate, Write
from fuzzcopy.strategies.buffers import user_buffers
from fuzzcopy.strategies.surroundings import Draw, Maker, Surroundings


def write(draw: Draw, at: Surroundings) -> Operation:
    file = at.file(draw)
    place = at.place(draw, file)
    return Write(file, place, draw(user_buffers(slots=at.slots, page_size=at.page_size)))


def read(draw: Draw, at: Surroundings) -> Operation:
    file = at.file(draw)
    place = at.place(draw, file)
    return Read(file, place, draw(user_buffers(slots=at.slots, page_size=at.page_size)))


def readahead(draw: Draw, at: Surroundings) -> Operation:
    file = at.file(draw)
    return Readahead(file, at.page(draw, file), draw(st.integers(1, 2)))


def truncate(draw: Draw, at: Surroundings) -> Operation:
    file = at.file(draw)
    return Truncate(file, at.place(draw, file))


def punch(draw: Draw, at: Surroundings) -> Operation:
    file = at.file(draw)
    return Punch(file, at.page(draw, file), draw(st.integers(1, 2)))


def fsync(draw: Draw, at: Surroundings) -> Operation:
    return Fsync(at.file(draw))


MAKERS: dict[str, Maker] = {
    "write": write,
    "read": read,
    "readahead": readahead,
    "truncate": truncate,
    "punch": punch,
    "fsync": fsync,
}
