"""User buffers: where a position lies, and into which accesses a copy falls."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuzzcopy.kernel import UserBuffer

SEGMENTS = st.lists(st.tuples(st.integers(0, 100), st.integers(0, 20)), min_size=1, max_size=5)
SIZES = st.sampled_from([4, 8, 16, 32])


@st.composite
def ranges(draw):
    """A buffer that is not empty, and a position and a length inside it."""
    buffer = UserBuffer([*draw(SEGMENTS), (200, 3)])
    position = draw(st.integers(0, buffer.length - 1))
    return buffer, position, draw(st.integers(0, buffer.length - position))


def addresses(buffer):
    return [address + i for address, length in buffer.segments for i in range(length)]


@given(ranges())
def test_every_position_is_where_counting_finds_it(drawn):
    buffer, position, _ = drawn
    address, rest = buffer.locate(position)
    assert addresses(buffer)[position : position + rest] == list(range(address, address + rest))
    assert rest > 0


@given(ranges(), SIZES, SIZES)
def test_runs_cover_the_range_in_order(drawn, limit, page_size):
    buffer, position, length = drawn
    runs = buffer.runs(position, length, limit, page_size)
    covered = [address + i for address, n in runs for i in range(n)]
    assert covered == addresses(buffer)[position : position + length]


@given(ranges(), SIZES, SIZES)
def test_no_run_is_empty_or_crosses_a_chunk_or_a_page(drawn, limit, page_size):
    buffer, position, length = drawn
    for address, n in buffer.runs(position, length, limit, page_size):
        assert n > 0
        for grain in (limit, page_size):
            assert address // grain == (address + n - 1) // grain


def test_empty_segments_are_passed_over():
    buffer = UserBuffer([(0, 0), (8, 2), (16, 0), (24, 2)])
    assert [buffer.locate(p) for p in range(4)] == [(8, 2), (9, 1), (24, 2), (25, 1)]


@pytest.mark.parametrize("segments", [[], [(0, 0)], [(0, 0), (8, 0)]])
def test_a_buffer_of_nothing_has_no_positions_and_no_runs(segments):
    buffer = UserBuffer(segments)
    assert buffer.length == 0
    assert buffer.runs(0, 0, 8, 16) == ()
    with pytest.raises(IndexError):
        buffer.locate(0)
