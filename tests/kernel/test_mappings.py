"""Mapping calls one by one, against what Linux does."""

from errno import EEXIST, EFAULT, EINVAL, ENOENT, ENOMEM

import pytest

from fuzzcopy import Kernel
from fuzzcopy.kernel import AddressSpace, Vma
from fuzzcopy.kernel.writeback import Writeback
from fuzzcopy.machine import ZERO
from fuzzcopy.scenario import (
    Continue,
    Load,
    Madvise,
    MappingSpec,
    Mlock,
    Mmap,
    Mprotect,
    Mremap,
    Msync,
    Munmap,
    Poke,
    Punch,
    Segment,
    Store,
    Truncate,
    Write,
)
from fuzzcopy.sched import Bus, Policy, Scheduler
from fuzzcopy.world import WorldWatcher

from .programs import perform

ANONYMOUS = MappingSpec(0, 3)
PRIVATE = MappingSpec(0, 3, 0)
SHARED = MappingSpec(0, 3, 0, shared=True)
OTHER = MappingSpec(1, 3, 0, shared=True)


def zeros(cells):
    return all(cell == ZERO for cell in cells)


def test_of_mappings_that_a_kernel_lets_overlap_the_first_one_counts():
    scheduler = Scheduler(Policy(), bus=Bus(vocabulary=WorldWatcher))
    space = AddressSpace(scheduler, "mm0")
    first, second = Vma(space, 16, 2), Vma(space, 17, 2)
    space.enter(first)
    space.enter(second)
    assert [space.peek(vpn) for vpn in range(15, 20)] == [None, first, first, second, None]
    assert space.covering(17) == (first, second)


def test_munmap_in_the_middle_leaves_both_ends():
    results = perform(
        Munmap(0, 1, 1), Load(0, 8, 8), Load(0, 16, 1), Load(0, 32, 1), mappings=(ANONYMOUS,)
    )
    assert results.returned == [0, 8, -EFAULT, 1]


def test_mmap_over_a_mapping_replaces_what_it_covers():
    over = Mmap(0, None, 0, 2, shared=False, writable=False, populate=False)
    results = perform(over, Load(0, 0, 16), Store(0, 0, 1), Store(0, 32, 1), mappings=(ANONYMOUS,))
    assert results.returned == [0, 16, -EFAULT, 1]
    assert zeros(results.cells[1])


def test_dontneed_makes_anonymous_memory_zero_and_private_memory_the_files():
    program = (Load(0, 0, 4), Store(0, 0, 4), Madvise(0, 0, 1), Load(0, 0, 4))
    private = perform(*program, mappings=(PRIVATE,))
    assert private.cells[3] == private.cells[0]
    assert zeros(perform(*program, mappings=(ANONYMOUS,)).cells[3])


def test_dontneed_loses_nothing_of_a_shared_mapping():
    results = perform(
        Store(0, 0, 4), Load(0, 0, 4), Madvise(0, 0, 3), Load(0, 0, 4), mappings=(SHARED,)
    )
    assert results.cells[3] == results.cells[1]


def test_dontneed_with_a_hole_says_so_and_does_the_rest():
    results = perform(Munmap(0, 1, 1), Madvise(0, 0, 3), Load(0, 32, 4), mappings=(ANONYMOUS,))
    assert results.returned == [0, -ENOMEM, 4]
    assert zeros(results.cells[2])


@pytest.mark.parametrize("mapping", [ANONYMOUS, PRIVATE, SHARED])
def test_memory_made_read_only_and_writable_again_can_be_stored_to(mapping):
    results = perform(
        Store(0, 0, 4),
        Mprotect(0, 0, 3, writable=False),
        Store(0, 0, 4),
        Mprotect(0, 0, 3, writable=True),
        Store(0, 0, 4),
        mappings=(mapping,),
    )
    assert results.returned == [4, 0, -EFAULT, 0, 4]


def test_mremap_takes_the_bytes_along_and_leaves_nothing():
    results = perform(
        Store(0, 0, 4),
        Load(0, 0, 4),
        Mremap(0, 3, 2),
        Load(2, 0, 4),
        Load(0, 0, 1),
        Mremap(0, 3, 1),
        Mremap(2, 3, 2),
        mappings=(PRIVATE,),
    )
    assert results.returned == [4, 4, 0, 4, -EFAULT, -EFAULT, -EINVAL]
    assert results.cells[3] == results.cells[1]


def test_a_private_page_follows_the_file_until_it_is_stored_to():
    write = Write(0, 0, (Segment(1, 0, 4),))
    results = perform(
        write,
        Load(0, 0, 4),
        Store(0, 8, 1),
        Write(0, 0, (Segment(1, 4, 4),)),
        Load(0, 0, 4),
        mappings=(PRIVATE, MappingSpec(1, 1)),
    )
    assert results.cells[4] == results.cells[1]


def test_a_private_copy_goes_when_the_file_is_truncated_below_it():
    results = perform(
        Store(0, 16, 4),
        Truncate(0, 16),
        Load(0, 16, 4),
        Truncate(0, 48),
        Load(0, 16, 4),
        mappings=(PRIVATE,),
    )
    assert results.returned == [4, 0, -EFAULT, 0, 4]
    assert zeros(results.cells[4])


def test_populate_stops_at_the_end_of_the_file_and_mlock_says_so():
    populate = Mmap(0, 0, 0, 3, shared=True, writable=True, populate=True)
    results = perform(populate, Mlock(1, 1), mappings=(MappingSpec(1, 1),), size=16)
    assert results.returned == [0, 0]


def test_a_private_copy_stays_when_a_hole_is_punched_below_it():
    results = perform(
        Store(0, 16, 4), Load(0, 16, 4), Punch(0, 1, 1), Load(0, 16, 4), mappings=(PRIVATE,)
    )
    assert results.cells[3] == results.cells[1]


def test_mprotect_changes_what_lies_before_a_hole():
    results = perform(
        Munmap(0, 1, 1), Mprotect(0, 0, 3, writable=False), Store(0, 0, 1), mappings=(ANONYMOUS,)
    )
    assert results.returned == [0, -ENOMEM, -EFAULT]


def test_msync_syncs_what_is_mapped_shared_and_says_what_is_not_mapped():
    written = (Store(0, 0, 4), Msync(0, 0, 3), Munmap(0, 1, 1), Msync(0, 0, 3), Msync(1, 0, 3))
    results = perform(*written, mappings=(SHARED, MappingSpec(1, 3)))
    assert results.returned == [4, 0, 0, -ENOMEM, 0]


def test_msync_has_nothing_to_do_for_memory_of_ones_own():
    synced = []

    class Noting(Writeback):
        async def fsync(self, cpu, file):
            synced.append(file.name)
            return await super().fsync(cpu, file)

    class Kept(Kernel):
        writeback_path = Noting

    def syncs(mapping):
        synced.clear()
        perform(Msync(0, 0, 3), mappings=(mapping,), kernel=Kept)
        return synced == ["f0"]

    assert [syncs(mapping) for mapping in (SHARED, PRIVATE, ANONYMOUS)] == [True, False, False]


def test_mlock_may_span_mappings():
    results = perform(Mprotect(0, 1, 1, writable=False), Mlock(0, 3), mappings=(ANONYMOUS,))
    assert results.returned == [0, 0]


def test_mlock_faults_in_what_it_was_asked_for():
    results = perform(Mlock(0, 1), mappings=(SHARED,), size=16)
    assert results.returned == [0]


def test_mlock_past_the_end_of_the_file_is_enomem():
    results = perform(Mlock(0, 3), mappings=(SHARED,), size=16)
    assert results.returned == [-ENOMEM]


def test_a_debugger_writes_to_private_memory_that_is_read_only_and_to_nothing_else():
    private = MappingSpec(0, 3, 0, writable=False)
    results = perform(
        Poke(0, 0, 20), Load(0, 0, 4), Load(1, 0, 4), Store(0, 0, 1), mappings=(private, OTHER)
    )
    assert results.returned == [20, 4, 4, -EFAULT]
    assert results.cells[1] != results.cells[2]
    shared = MappingSpec(0, 3, 0, shared=True, writable=False)
    assert perform(Poke(0, 0, 1), mappings=(shared,)).returned == [-EFAULT]


def test_a_debugger_writes_to_the_file_where_the_process_could():
    results = perform(Poke(0, 0, 4), Load(0, 0, 4), Load(1, 0, 4), mappings=(SHARED, OTHER))
    assert results.cells[1] == results.cells[2]


def test_continue_maps_what_is_cached_and_not_mapped_yet():
    results = perform(
        Continue(0, 0, 1),
        Load(1, 0, 1),
        Continue(0, 0, 1),
        Continue(0, 0, 1),
        Continue(0, 0, 2),
        Continue(2, 0, 1),
        mappings=(MappingSpec(0, 3, 0), OTHER),
    )
    assert results.returned == [-EFAULT, 1, 0, -EEXIST, -EEXIST, -ENOENT]
