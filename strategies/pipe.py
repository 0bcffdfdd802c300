"""System calls on the pipe, drawn."""

from __future__ import annotations

from hypothesis import strategies as st

from fuzzcopy.scenario import Operation, PipeRead, PipeWrite, Segment, Splice
from fuzzcopy.strategies.buffers import lengths, user_buffers
from fuzzcopy.strategies.surroundings import Draw, Maker, Surroundings


def pipe_write(draw: Draw, at: Surroundings) -> Operation:
    """A write to the pipe; half of them so small that it may go behind what is there."""
    if draw(st.booleans()):
        return PipeWrite(draw(user_buffers(slots=at.slots, page_size=at.page_size)))
    slot, pages = at.buffer(draw)
    first = draw(st.integers(0, pages - 1))
    return PipeWrite((Segment(slot, first * at.page_size, _small(draw, at)),))


def pipe_read(draw: Draw, at: Surroundings) -> Operation:
    """A read from the pipe."""
    return PipeRead(draw(user_buffers(slots=at.slots, page_size=at.page_size)))


def splice(draw: Draw, at: Surroundings) -> Operation:
    """A page, or about one, of a file into the pipe; half of them so little that more fits in."""
    file = at.file(draw)
    length = draw(lengths(at.page_size)) if draw(st.booleans()) else _small(draw, at)
    return Splice(file, at.place(draw, file), length)


def _small(draw: Draw, at: Surroundings) -> int:
    """At most half a page, in bytes."""
    return draw(st.sampled_from((at.page_size // 2, 1)))


MAKERS: dict[str, Maker] = {"pipewrite": pipe_write, "piperead": pipe_read, "splice": splice}
