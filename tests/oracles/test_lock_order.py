"""Lock-order inversions: predicted from runs in which nothing hung."""

import pytest

from fuzzcopy import Kernel
from fuzzcopy.bugs import catalogue
from fuzzcopy.kernel import Invalidate, Unmap, Writeback
from fuzzcopy.oracles import LockOrderOracle, LockOrderTracker
from fuzzcopy.runner import run
from fuzzcopy.scenario import (
    CpuSpec,
    FileSpec,
    Fsync,
    Load,
    Madvise,
    MappingSpec,
    Munmap,
    Scenario,
    Segment,
    SpaceSpec,
    Store,
    Write,
)
from fuzzcopy.scenario import Invalidate as InvalidateOf

from .scenes import SHARED, buffer, scene

TWO_FILES = Scenario(
    cpus=(
        CpuSpec((Write(0, 0, (Segment(1, 0, 16),)),)),
        CpuSpec((Write(1, 0, (Segment(1, 16, 16),)),)),
    ),
    files=(FileSpec(16), FileSpec(16)),
    spaces=(SpaceSpec((MappingSpec(1, 2),)),),
)
"""Two writers, two files, no shared page, and a source that is there: nothing faults or waits."""


def seen(kernel, *scenarios):
    """What one tracker sees in these runs, none of which may end badly."""
    tracker = LockOrderTracker()
    for scenario in scenarios:
        outcome = run(kernel, scenario, oracles=[lambda: tracker])
        assert outcome.verdict is None
        assert outcome.problem is None
    return tracker.graph


def cycles(graph):
    return sorted(map(str, graph.inversions))


def test_one_clean_run_of_the_sleeping_copy_shows_page_lock_before_mmap_lock():
    graph = seen(catalogue()["sleeping-copy"], TWO_FILES)
    assert "page lock -> mmap lock -> page lock" in cycles(graph)
    [found] = [i for i in graph.inversions if i.kinds == ("page", "mmap")]
    held, fault, *_ = found.chains()
    assert held.startswith("cpu0 in write(f0, 0, [m1+0:16]): holds page lock f0:0 (at ")
    assert "cache.py:" in held
    assert "touches user memory, where a page fault takes mmap lock mm0 shared (at " in held
    assert "copy.py:" in held
    assert fault.endswith("holds mmap lock mm0 shared and takes page lock of any page")


def test_the_oracle_ends_the_run_with_a_verdict_that_tells_both_chains():
    verdict = run(catalogue()["sleeping-copy"], TWO_FILES, oracles=[LockOrderOracle]).verdict
    assert verdict.kind == "lock-order inversion"
    assert "holds page lock f0:0" in str(verdict)


def test_a_copy_with_faults_disabled_takes_no_locks():
    assert cycles(seen(Kernel, TWO_FILES)) == []


def test_an_inversion_across_two_runs_is_seen():
    """One run shows one order, another the other; neither shows both."""
    maps = scene((Load(0, 0, 16),), page="absent")
    writes = Scenario(
        cpus=(CpuSpec((Write(0, 0, buffer()),)),),
        files=(FileSpec(16),),
        spaces=(SpaceSpec((MappingSpec(1, 1, present=False),)),),
    )
    bug = catalogue()["lock-across-user-copy"]
    assert cycles(seen(bug, maps)) == cycles(seen(bug, writes)) == []
    graph = seen(bug, maps, writes)
    assert ("fs", "mmap") in [inversion.key for inversion in graph.inversions]


def test_interrupts_off_while_acknowledgements_are_awaited():
    bug = catalogue()["ipi-with-interrupts-off"]
    graph = seen(bug, scene((Madvise(0, 0, 1),), (Load(0, 0, 1),)))
    assert cycles(graph) == ["IPI acknowledgement -> IPI acknowledgement"]
    [chain, _] = graph.inversions[0].chains()
    assert chain.startswith("cpu0 in madvise(m0:0+1, dontneed): holds interrupts off on cpu0 (at ")
    assert "waits for acknowledgements of interrupts (at " in chain


def test_the_mmap_lock_held_alone_serialises_two_flushes():
    bug = catalogue()["ipi-with-interrupts-off"]
    assert cycles(seen(bug, scene((Munmap(0, 0, 1),), (Load(0, 0, 1),)))) == []


class SpinsWithInterruptsOff(Unmap):
    """Takes the page-table lock with interrupts off, which a sender of interrupts holds."""

    async def zap(self, cpu, space, vpns, only=None, *, even_copies=True):
        cpu.disable_interrupts()
        async with space.ptl:
            pass
        cpu.enable_interrupts()
        await super().zap(cpu, space, vpns, only, even_copies=even_copies)


class SpinsWithInterruptsOffKernel(Kernel):
    unmap_path = SpinsWithInterruptsOff


def test_a_spin_lock_taken_with_interrupts_off_that_a_sender_holds():
    dirty = scene((Store(0, 0, 1), Madvise(0, 0, 1)), (Load(0, 0, 1),))
    graph = seen(SpinsWithInterruptsOffKernel, dirty)
    assert [inversion.key for inversion in graph.inversions] == [("ipi", "ptl")]


class LocksBetweenFlagAndDisk(Writeback):
    """Takes the invalidate lock while it owes the end of writeback; truncation waits for that."""

    async def submit(self, file, page):
        await page.begin_writeback()
        async with file.invalidate.read:
            self.machine.disk.write((file.name, page.index), page.frame, page.end_writeback)


class LocksBetweenFlagAndDiskKernel(Kernel):
    writeback_path = LocksBetweenFlagAndDisk


class WaitsUnderTheInvalidateLock(Invalidate):
    async def invalidate(self, cpu, file):
        async with file.invalidate.write:
            return await super().invalidate(cpu, file)


class WaitsForWritebackKernel(LocksBetweenFlagAndDiskKernel):
    invalidate_path = WaitsUnderTheInvalidateLock


def test_the_end_of_writeback_is_owed_until_the_disk_has_the_page():
    one = scene((Fsync(0), InvalidateOf(0)), page="dirty")
    assert any("writeback end" in c for c in cycles(seen(WaitsForWritebackKernel, one)))
    # It waits for writeback with the page lock held, which the disk does not need.
    assert not any("writeback end" in c for c in cycles(seen(Kernel, one)))


@pytest.mark.parametrize("operation", [Munmap(0, 0, 1), Madvise(0, 0, 1), Fsync(0), Load(0, 0, 1)])
def test_the_reference_kernel_contradicts_itself_nowhere(operation):
    one = scene((operation,), (Store(0, 0, 1), Fsync(0)), page="dirty", mapping=SHARED)
    assert cycles(seen(Kernel, one)) == []
