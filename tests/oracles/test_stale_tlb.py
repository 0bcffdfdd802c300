"""Stale TLB: after the flush, after the frame is free, after the call has returned."""

import pytest
from msgspec.structs import replace

from fuzzcopy import Kernel
from fuzzcopy.kernel import Fault, Shootdown, Unmap
from fuzzcopy.oracles import StaleTlb, StaleTlbAccess, StaleTlbOracle
from fuzzcopy.runner import run
from fuzzcopy.scenario import (
    FaultPlan,
    Idle,
    Load,
    Madvise,
    Mprotect,
    Mremap,
    Munmap,
    Reclaim,
    Store,
    Switch,
    WriteProtect,
)

from .scenes import scene


class LocalOnly(Shootdown):
    """Flushes the TLB of the CPU that it runs on, and nobody else's."""

    async def flush(self, cpu, space, vpns):
        if vpns:
            for tell in self.scheduler.bus.flush_begun:
                tell(cpu, space, vpns)
            cpu.tlb.flush(space.table, vpns)
            for tell in self.scheduler.bus.flush_done:
                tell(cpu, space, vpns)


class LocalOnlyKernel(Kernel):
    shootdown_path = LocalOnly


class NotInTheMaskKernel(Kernel):
    """Runs CPUs in an address space without entering them in its mask."""

    def load_space(self, cpu, space):
        super().load_space(cpu, space)
        space.cpus.clear()


class NoFlush(Shootdown):
    async def flush(self, cpu, space, vpns):
        return


class NoFlushKernel(Kernel):
    shootdown_path = NoFlush


class FlushFirst(Unmap):
    """Flushes, then clears: what a CPU fetches between the two stays."""

    async def clear(self, cpu, space, vpns, only):
        await self.kernel.shootdown.flush(cpu, space, vpns)
        space.cpus[0].tlb.fill((space.table.name, vpns[0]), space.table.entries[vpns[0]])
        return await super().clear(cpu, space, vpns, only)

    async def finish(self, cpu, space, vpns, cleared, flushed):
        return


class FlushFirstKernel(Kernel):
    unmap_path = FlushFirst


LOADED = (Load(0, 0, 1),)
CALLS = {
    "munmap": Munmap(0, 0, 1),
    "madvise": Madvise(0, 0, 1),
    "mremap": Mremap(0, 1, 2),
    "mprotect": Mprotect(0, 0, 1, writable=False),
    "writeprotect": WriteProtect(0, 0, 1),
    "reclaim": Reclaim(0, 0),
}


@pytest.mark.parametrize("call", CALLS)
def test_an_entry_that_outlives_the_flush_is_stale(call):
    # Stored to, so that there is a permission to take away.
    where = scene((Store(0, 0, 1),), (CALLS[call],))
    verdict = run(LocalOnlyKernel, where, oracles=[StaleTlbOracle]).verdict
    assert isinstance(verdict, StaleTlb)
    assert str(verdict).startswith("cpu0 still translates mm0:0x10 to frame")
    assert str(verdict).endswith("although the flush by cpu1 has completed")


@pytest.mark.parametrize("call", ["munmap", "madvise", "mremap"])
def test_an_entry_that_outlives_the_call_that_promised_its_removal_is_stale(call):
    verdict = run(NoFlushKernel, scene(LOADED, (CALLS[call],)), oracles=[StaleTlbOracle]).verdict
    assert isinstance(verdict, StaleTlb)
    assert str(verdict).endswith(f"although {call} has returned")


def test_a_writable_entry_that_outlives_mprotect_is_stale():
    where = scene((Store(0, 0, 1),), (CALLS["mprotect"],))
    verdict = run(NoFlushKernel, where, oracles=[StaleTlbOracle]).verdict
    assert isinstance(verdict, StaleTlb)


def test_an_entry_that_outlives_its_frame_is_stale():
    where = scene((Load(1, 0, 1),), (Munmap(1, 0, 1),))
    verdict = run(NoFlushKernel, where, oracles=[StaleTlbOracle]).verdict
    assert isinstance(verdict, StaleTlb)
    assert str(verdict).endswith("has been freed")


def test_a_translation_fetched_between_flush_and_clear_is_stale():
    verdict = run(FlushFirstKernel, scene((), (CALLS["munmap"],)), oracles=[StaleTlbOracle]).verdict
    assert isinstance(verdict, StaleTlb)


def test_a_cpu_that_is_missing_in_the_mask_is_looked_at_all_the_same():
    where = scene((Store(0, 0, 1),), (CALLS["munmap"],))
    verdict = run(NotInTheMaskKernel, where, oracles=[StaleTlbOracle]).verdict
    assert isinstance(verdict, StaleTlb)


def test_an_access_that_was_looked_up_before_the_flush_is_told_from_an_entry_that_stays():
    # The mask misses cpu0; its entry is evicted after the lookup; the access still goes there.
    where = replace(
        scene((Store(0, 0, 1), Load(0, 1, 1)), (CALLS["munmap"],)),
        faults=FaultPlan(evictions=1),
        schedule=(
            Switch("cpu0", "user.read frame0", 1, "tlb.evict cpu0"),
            Switch("cpu0", "user.read frame0", 1, "cpu1"),
        ),
    )
    outcome = run(NotInTheMaskKernel, where, oracles=[StaleTlbOracle])
    assert outcome.missed is None
    assert isinstance(outcome.verdict, StaleTlbAccess)
    assert str(outcome.verdict).startswith("cpu0 reached frame0 at 0x101 by a translation")


@pytest.mark.parametrize("call", CALLS)
def test_the_reference_kernel_leaves_no_stale_entry(call):
    where = scene((Store(0, 0, 1),), (CALLS[call],))
    assert run(Kernel, where, oracles=[StaleTlbOracle]).verdict is None


class CopiesTooEarly(Fault):
    async def settle(self, cpu, space, vpn):
        return


class CopiesTooEarlyKernel(Kernel):
    fault_path = CopiesTooEarly


SNAPSHOT = scene((Store(1, 0, 1),), (WriteProtect(1, 0, 1),), (Store(1, 1, 1),))
"""While cpu1 waits until cpu0 has forgotten its permission, cpu2 copies the page."""


def test_a_page_that_is_copied_while_another_cpu_can_still_write_to_it():
    verdict = run(CopiesTooEarlyKernel, SNAPSHOT, oracles=[StaleTlbOracle]).verdict
    assert isinstance(verdict, StaleTlb)
    assert str(verdict).startswith("cpu0 still translates mm0:0x20 to frame1 although cpu2 has")


def test_a_cpu_that_is_still_in_the_call_that_took_its_permission_cannot_write():
    # cpu0 owes the flush to itself alone: it stores nothing before it has done it.
    where = replace(
        scene((Store(1, 0, 1), WriteProtect(1, 0, 1)), (Store(1, 1, 1),)),
        schedule=(Switch("cpu0", "mask.flush mm0 mask", 1, "cpu1"),),
    )
    outcome = run(CopiesTooEarlyKernel, where, oracles=[StaleTlbOracle])
    assert (outcome.verdict, outcome.missed) == (None, None)


def test_the_reference_kernel_flushes_before_it_copies():
    assert run(Kernel, SNAPSHOT, oracles=[StaleTlbOracle]).verdict is None


def test_too_little_permission_is_never_stale():
    where = scene(LOADED, (Store(0, 0, 1),), ())
    assert run(NoFlushKernel, where, oracles=[StaleTlbOracle]).verdict is None


def test_a_cpu_on_its_way_back_from_idling_has_yet_to_look_what_it_missed() -> None:
    scenario = scene((Load(1, 0, 8), Idle()), (Munmap(1, 0, 1),))
    # The flush passes the lazy CPU by, and completes when that is in the mask again.
    schedule = (
        Switch("cpu0", "mask.join mm0 mask", 1, "cpu1"),
        Switch("cpu1", "tlb.flush tlb of cpu1", 1, "cpu0"),
        Switch("cpu0", "mask.missed? mm0 mask", 1, "cpu1"),
    )
    outcome = run(Kernel, replace(scenario, schedule=schedule))
    assert outcome.missed is None
    assert outcome.verdict is None
