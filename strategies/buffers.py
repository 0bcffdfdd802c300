"""Unaligned user buffers."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

from fuzzcopy.scenario import Segment


@st.composite
def user_buffers(
    draw: st.DrawFn,
    *,
    slots: Sequence[tuple[int, int]],
    page_size: int = 16,
    vectored: bool = True,
) -> tuple[Segment, ...]:
    """A user buffer in the given mappings (pairs of slot and pages), as tuples of segments.

    Favours what is hard: a page, or a bit less or more; beginning anywhere in a page, so that it
    straddles two; empty segments in front. Now and then it leaves its mapping. And what could be
    moved without copying: a whole page.
    """
    slot, pages = slots[draw(st.integers(0, len(slots) - 1))]
    shape = draw(st.integers(0, 13 if vectored else 9))
    if shape < 3:
        return (Segment(slot, draw(st.integers(0, pages - 1)) * page_size, page_size),)
    length = draw(lengths(page_size))
    offset = draw(_offsets(page_size, pages, length))
    first = Segment(slot, offset, length)
    if shape < 10:
        return (first,)
    if shape == 10:
        return (Segment(slot, 0, 0), first)
    slot, pages = slots[draw(st.integers(0, len(slots) - 1))]
    length = draw(lengths(page_size))
    second = Segment(slot, draw(_offsets(page_size, pages, length)), length)
    if shape < 13:
        return (first, second)
    return (first, Segment(slot, 0, 0), second)


def lengths(page_size: int) -> st.SearchStrategy[int]:
    """A page, or a bit less or more, in bytes."""
    half = page_size // 2
    return st.sampled_from(
        [page_size, half, page_size - 1, page_size + half, 2 * page_size, 1, page_size + 1]
    )


def _offsets(page_size: int, pages: int, length: int) -> st.SearchStrategy[int]:
    """Where ``length`` bytes begin, anywhere in a page: most of the time where they end, too."""
    half = page_size // 2
    anywhere = [
        page * page_size + start for page in range(pages) for start in (0, half, page_size - 1, 1)
    ]
    inside = [start for start in anywhere if start + length <= pages * page_size]
    return st.sampled_from([*inside, *inside, *inside, *anywhere])
