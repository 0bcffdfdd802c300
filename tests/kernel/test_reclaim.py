"""Reclaim: kswapd, direct reclaim when frames run out, and what batches must not leave behind."""

from errno import ENOMEM

import pytest

from fuzzcopy import Kernel
from fuzzcopy.kernel import Unmap
from fuzzcopy.oracles import ALL, StaleTlb
from fuzzcopy.runner import Tally, find_failure, policies_for, run
from fuzzcopy.scenario import (
    Actors,
    CpuSpec,
    FileSpec,
    Load,
    MachineSpec,
    MappingSpec,
    Read,
    Scenario,
    Segment,
    SpaceSpec,
    Store,
    Write,
)
from fuzzcopy.world import WorldWatcher

ANONYMOUS = MappingSpec(0, 1)
SHARED = MappingSpec(1, 4, 0, shared=True)


class Seen(WorldWatcher):
    def __init__(self):
        self.results = []
        self.scanned = []
        self.flushes = []
        self.exhausted = 0

    def operation_ended(self, cpu, number, operation, result):
        self.results.append(result)

    def page_scanned(self, page, mapped, dirty, gone):
        self.scanned.append((page.index, mapped, dirty, gone))

    def flush_done(self, cpu, space, vpns):
        self.flushes.append(list(vpns))

    def out_of_memory(self, cpu):
        self.exhausted += 1


def scene(*programs, frames=24, pages=(), size=64, mappings=(ANONYMOUS, SHARED), actors=None):
    return Scenario(
        cpus=tuple(CpuSpec(program) for program in programs),
        files=(FileSpec(size, pages),),
        spaces=(SpaceSpec(mappings),),
        machine=MachineSpec(frames=frames),
        actors=actors or Actors(),
    )


def seen(scenario, kernel=Kernel):
    watcher = Seen()
    outcome = run(kernel, scenario, oracles=ALL, watchers=[watcher])
    outcome.raise_verdict()
    return watcher


@pytest.mark.parametrize("whole", [True, False])
def test_more_pages_are_written_than_there_are_frames_and_none_is_lost(whole):
    length = 16 if whole else 8
    writes = [Write(0, 16 * page, (Segment(0, 0, length),)) for page in range(4)]
    reads = [Read(0, 16 * page, (Segment(0, 0, 16),)) for page in range(4)]
    watcher = seen(scene((*writes, *reads), frames=3))
    assert watcher.results == [length] * 4 + [16] * 4
    assert watcher.exhausted == 0
    assert {(dirty, gone) for _, _, dirty, gone in watcher.scanned} == {
        (True, False),
        (False, True),
    }


def test_pages_that_are_mapped_and_dirty_go_as_well():
    stores = [Store(1, 16 * page, 4) for page in range(4)]
    loads = [Load(1, 16 * page, 4) for page in range(4)]
    watcher = seen(scene((*stores, *loads), frames=3))
    assert watcher.results == [4] * 8
    assert (0, True, True, False) in watcher.scanned


def test_what_cannot_be_written_anywhere_stays_and_memory_is_full():
    watcher = seen(scene((Write(0, 0, (Segment(0, 0, 16),)),), frames=1))
    assert watcher.results == [-ENOMEM]
    assert watcher.exhausted == 1


def test_two_cpus_that_need_each_other_s_page_end_in_an_error_and_not_in_a_livelock():
    # The source maps a page of the file, and there is one frame for it and the destination.
    write = Write(0, 0, (Segment(1, 16, 8),))
    scenario = scene((write,), (write,), frames=1, mappings=(SHARED,))
    tally = Tally()
    found = find_failure(Kernel, scenario, policies_for(1, 60, tally), tally=tally)
    assert found is None, found.failure
    assert tally.undecided == 0


def test_a_batch_is_flushed_once():
    loads = (Load(1, 0, 4), Load(1, 16, 4))
    watcher = seen(scene(loads, pages=("clean", "clean"), actors=Actors(kswapd=1)))
    assert watcher.flushes == [[0x20, 0x21]]
    assert [(mapped, gone) for _, mapped, _, gone in watcher.scanned] == [(True, True)] * 2


class FlushesNothing(Unmap):
    async def finish(self, cpu, space, vpns, cleared, flushed):
        pass


def test_a_batch_that_is_not_flushed_is_noticed_when_the_frame_is_freed():
    bad = type("Bad", (Kernel,), {"unmap_path": FlushesNothing})
    loads = (Load(1, 0, 4), Load(1, 16, 4))
    scenario = scene(loads, pages=("clean", "clean"), actors=Actors(kswapd=1))
    assert type(run(bad, scenario, oracles=ALL).verdict) is StaleTlb


def test_the_flusher_writes_what_is_dirty_and_leaves_it_in_the_cache():
    flags = []

    class Flags(WorldWatcher):
        def page_flag(self, page, flag, value):
            flags.append((page.index, flag, value))

    scenario = scene((), pages=("clean", "dirty"), actors=Actors(flusher=2))
    outcome = run(Kernel, scenario, oracles=ALL, watchers=[Flags()])
    assert outcome.kind is None
    assert flags == [(1, "dirty", False), (1, "writeback", True), (1, "writeback", False)]
