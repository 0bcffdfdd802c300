"""System calls on an address space, and the program's own loads and stores, drawn."""

from __future__ import annotations

from hypothesis import strategies as st

from fuzzcopy.scenario import (
    Lazyfree,
    Load,
    Madvise,
    Mlock,
    Mmap,
    Mprotect,
    Mremap,
    Msync,
    Munmap,
    Operation,
    Store,
)
from fuzzcopy.strategies.buffers import user_buffers
from fuzzcopy.strategies.surroundings import Draw, Maker, Surroundings


def access(draw: Draw, at: Surroundings) -> tuple[int, int, int]:
    """Slot, offset and length, in bytes, of an access to user memory: half of them in one page."""
    slot, pages = at.slot(draw)
    if draw(st.booleans()):
        [segment] = draw(
            user_buffers(slots=[(slot, pages)], page_size=at.page_size, vectored=False)
        )
        return segment.slot, segment.offset, segment.length
    half = at.page_size // 2
    start, length = draw(
        st.sampled_from(
            [(0, at.page_size), (0, half), (0, at.page_size), (half, half), (0, half), (1, 1)]
        )
    )
    return slot, draw(st.integers(0, pages - 1)) * at.page_size + start, length


def load(draw: Draw, at: Surroundings) -> Operation:
    return Load(*access(draw, at))


def store(draw: Draw, at: Surroundings) -> Operation:
    return Store(*access(draw, at))


def mmap(draw: Draw, at: Surroundings) -> Operation:
    slot, pages = at.slot(draw)
    file = at.file(draw)
    flags = draw(st.integers(0, 15))
    return Mmap(
        slot=slot,
        file=None if flags == 15 else file,
        first=0,
        pages=pages,
        shared=not flags & 1,
        writable=not flags & 2,
        populate=bool(flags & 4),
    )


def munmap(draw: Draw, at: Surroundings) -> Operation:
    slot, pages = at.slot(draw)
    first = draw(st.integers(0, pages - 1))
    return Munmap(slot, first, pages - first)


def madvise(draw: Draw, at: Surroundings) -> Operation:
    slot, pages = at.slot(draw)
    first = draw(st.integers(0, pages - 1))
    return Madvise(slot, first, pages - first)


def lazyfree(draw: Draw, at: Surroundings) -> Operation:
    slot, pages = at.slot(draw)
    first = draw(st.integers(0, pages - 1))
    return Lazyfree(slot, first, pages - first)


def mprotect(draw: Draw, at: Surroundings) -> Operation:
    slot, pages = at.slot(draw)
    first = draw(st.integers(0, pages - 1))
    return Mprotect(slot, first, pages - first, draw(st.booleans()))


def mremap(draw: Draw, at: Surroundings) -> Operation:
    slot, pages = at.slot(draw)
    # Moving it onto itself is an error, and seldom worth the try.
    return Mremap(slot, pages, (slot + draw(st.sampled_from((1, 2, 3, 1, 2, 3, 0)))) % 4)


def msync(draw: Draw, at: Surroundings) -> Operation:
    slot, pages = at.slot(draw)
    first = draw(st.integers(0, pages - 1))
    return Msync(slot, first, pages - first)


def mlock(draw: Draw, at: Surroundings) -> Operation:
    slot, pages = at.slot(draw)
    return Mlock(slot, pages)


ASKED_FOR: dict[str, Maker] = {"msync": msync}
"""To the model this is fsync by another name: it is drawn only where it is asked for."""

MAKERS: dict[str, Maker] = {
    "load": load,
    "store": store,
    "mmap": mmap,
    "munmap": munmap,
    "madvise": madvise,
    "lazyfree": lazyfree,
    "mprotect": mprotect,
    "mremap": mremap,
    "mlock": mlock,
}
