"""Pipes: bytes come out as they went in; pages of a file go in without a copy."""

from errno import EAGAIN, EFAULT

import pytest

from fuzzcopy.kernel import Kernel
from fuzzcopy.runner import Tally, find_failure, policies_for
from fuzzcopy.scenario import (
    CpuSpec,
    FileSpec,
    Load,
    MappingSpec,
    PipeRead,
    PipeSpec,
    PipeWrite,
    Punch,
    Scenario,
    Segment,
    SpaceSpec,
    Splice,
    Store,
    Truncate,
)

from .programs import perform

OWN = MappingSpec(0, 4)
SHARED = MappingSpec(1, 3, 0, shared=True)


def at(offset, length, slot=0):
    return (Segment(slot, offset, length),)


def test_what_is_written_is_read_in_order_across_slots():
    results = perform(
        Store(0, 0, 24),
        PipeWrite(at(0, 24)),
        PipeRead(at(32, 24)),
        Load(0, 0, 24),
        Load(0, 32, 24),
        mappings=(OWN,),
    )
    assert results.returned == [24, 24, 24, 24, 24]
    assert results.cells[3] == results.cells[4]


def test_a_small_write_goes_behind_the_last_one_and_a_large_one_into_slots_of_its_own():
    results = perform(
        PipeWrite(at(0, 4)),
        PipeWrite(at(0, 4)),
        PipeWrite(at(0, 16)),
        PipeWrite(at(0, 8)),
        PipeWrite(at(0, 1)),
        PipeRead(at(0, 64)),
        PipeRead(at(0, 1)),
        mappings=(OWN,),
    )
    assert results.returned == [4, 4, 16, -EAGAIN, -EAGAIN, 24, -EAGAIN]


def test_bad_user_memory_ends_the_count_and_takes_nothing_from_the_pipe():
    results = perform(
        PipeWrite(at(56, 16)),
        PipeRead(at(64, 8)),
        PipeRead(at(60, 8)),
        PipeRead(at(0, 8)),
        mappings=(OWN,),
    )
    assert results.returned == [8, -EFAULT, 4, 4]


def test_a_spliced_page_shows_what_is_stored_to_the_file_until_it_leaves_the_file():
    results = perform(
        Splice(0, 0, 16),
        Store(1, 0, 4),
        PipeRead(at(0, 4)),
        Load(1, 0, 4),
        Load(0, 0, 4),
        Punch(0, 0, 1),
        PipeRead(at(4, 4)),
        mappings=(OWN, SHARED),
    )
    assert results.returned == [16, 4, 4, 4, 4, 0, 4]
    assert results.cells[3] == results.cells[4]


def test_nothing_is_added_to_a_spliced_page():
    results = perform(
        PipeWrite(at(0, 8)),
        PipeRead(at(0, 8)),
        Splice(0, 0, 8),
        PipeWrite(at(0, 4)),
        PipeWrite(at(0, 4)),
        Splice(0, 0, 1),
        mappings=(OWN,),
    )
    assert results.returned == [8, 8, 8, 4, 4, -EAGAIN]


def test_a_splice_ends_with_the_file():
    results = perform(Truncate(0, 20), Splice(0, 16, 40), Splice(0, 20, 1), mappings=(OWN,))
    assert results.returned == [0, 4, 0]


@pytest.mark.parametrize(("operation", "filled"), [(PipeWrite, 0), (PipeRead, 1)])
def test_two_at_once_take_turns_while_their_buffers_fault(operation, filled):
    both = tuple(CpuSpec((operation(at(16 * i, 16)),)) for i in range(2))
    scenario = Scenario(
        cpus=both,
        files=(FileSpec(16),),
        spaces=(SpaceSpec((OWN,)),),
        pipe=PipeSpec(slots=1, filled=filled),
    )
    tally = Tally()
    assert find_failure(Kernel, scenario, policies_for(1, 60, tally), tally=tally) is None
