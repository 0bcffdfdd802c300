"""System calls on the pipe, drawn."""

from __future__ import annotations

from fuzzcopy.scenario import Operation, PipeRead, PipeWrite, Splice
from fuzzcopy.strategies.buffers import lengths, user_buffers
from fuzzcopy.strategies.surroundings import Draw, Maker, Surroundings


def pipe_write(draw: Draw, at: Surroundings) -> Operation:
    """A write to the pipe."""
    return PipeWrite(draw(user_buffers(slots=at.slots, page_size=at.page_size)))


def pipe_read(draw: Draw, at: Surroundings) -> Operation:
    """A read from the pipe."""
    return PipeRead(draw(user_buffers(slots=at.slots, page_size=at.page_size)))


def splice(draw: Draw, at: Surroundings) -> Operation:
    """A page, or about one, of a file into the pipe."""
    file = at.file(draw)
    return Splice(file, at.place(draw, file), draw(lengths(at.page_size)))


MAKERS: dict[str, Maker] = {"pipewrite": pipe_write, "piperead": pipe_read, "splice": splice}
