"""Short counts and EFAULT: the number of good bytes, or EFAULT if not even the first is good."""

from errno import EFAULT

import pytest

from fuzzcopy.scenario import (
    FaultPlan,
    MappingSpec,
    Mprotect,
    Munmap,
    Read,
    Segment,
    Truncate,
    Write,
)

from .programs import perform

ANONYMOUS = MappingSpec(0, 2)
LAST_8 = 24  # from here on slot 0 has eight bytes


def call(kind, *segments, offset=0):
    return kind(0, offset, tuple(Segment(*segment) for segment in segments))


@pytest.mark.parametrize("kind", [Write, Read])
@pytest.mark.parametrize("good", [1, 7, 8, 15, 16, 17, 31])
def test_running_out_of_a_mapping_counts_the_good_bytes(kind, good):
    results = perform(call(kind, (0, 32 - good, 40)), mappings=(ANONYMOUS,))
    assert results.returned == [good]


@pytest.mark.parametrize("kind", [Write, Read])
def test_the_first_byte_bad_is_efault(kind):
    results = perform(call(kind, (0, 32, 8)), mappings=(ANONYMOUS,))
    assert results.returned == [-EFAULT]


@pytest.mark.parametrize("kind", [Write, Read])
@pytest.mark.parametrize("empty", [(0, 0, 0), (5, 0, 0)])
def test_an_empty_segment_in_front_changes_nothing_not_even_a_bad_one(kind, empty):
    results = perform(
        call(kind, empty, (0, 0, 16)), call(kind, empty, (0, 32, 8)), mappings=(ANONYMOUS,)
    )
    assert results.returned == [16, -EFAULT]


@pytest.mark.parametrize("kind", [Write, Read])
def test_a_bad_second_segment_counts_the_first(kind):
    results = perform(call(kind, (0, 0, 5), (5, 0, 8), (0, 0, 5)), mappings=(ANONYMOUS,))
    assert results.returned == [5]


@pytest.mark.parametrize("kind", [Write, Read])
def test_nothing_is_asked_for_and_nothing_is_touched(kind):
    results = perform(
        call(kind), call(kind, (5, 0, 0)), call(kind, (5, 0, 0), (5, 8, 0)), mappings=(ANONYMOUS,)
    )
    assert results.returned == [0, 0, 0]


@pytest.mark.parametrize("kind", [Write, Read])
def test_past_the_end_of_a_mapped_file_there_is_nothing_but_in_its_last_page_there_is(kind):
    mapping = MappingSpec(0, 3, 0, shared=True)
    results = perform(
        Truncate(0, 20), call(kind, (0, 16, 16)), call(kind, (0, 32, 1)), mappings=(mapping,)
    )
    assert results.returned == [0, 16, -EFAULT]


@pytest.mark.parametrize("kind", [Write, Read])
def test_after_munmap_of_the_second_page_the_first_counts(kind):
    results = perform(Munmap(0, 1, 1), call(kind, (0, 8, 16)), mappings=(ANONYMOUS,))
    assert results.returned == [0, 8]


def test_a_read_only_page_can_be_written_from_and_not_read_into():
    results = perform(
        Mprotect(0, 1, 1, writable=False),
        call(Write, (0, 8, 16)),
        call(Read, (0, 8, 16)),
        call(Read, (0, 16, 8)),
        mappings=(ANONYMOUS,),
    )
    assert results.returned == [0, 16, 8, -EFAULT]


def test_a_bad_chunk_inside_a_page_ends_the_count_there():
    faults = FaultPlan(poison=((0, 0, 8),))
    results = perform(
        call(Write, (0, 3, 16)),
        call(Read, (0, 3, 16)),
        call(Write, (0, 8, 8)),
        mappings=(ANONYMOUS,),
        faults=faults,
    )
    assert results.returned == [5, 5, -EFAULT]


def test_a_read_at_the_end_of_the_file_is_0_even_into_nothing():
    results = perform(
        call(Read, (5, 0, 8), offset=48), call(Read, (0, 0, 32), offset=40), mappings=(ANONYMOUS,)
    )
    assert results.returned == [0, 8]


def test_a_write_that_was_short_made_the_file_so_long_and_no_longer():
    results = perform(
        call(Write, (0, LAST_8, 40), offset=44),
        call(Read, (0, 0, 32), offset=40),
        mappings=(ANONYMOUS,),
    )
    assert results.returned == [8, 12]
