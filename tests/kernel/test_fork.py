"""fork(): both see what there was, neither sees what the other does afterwards."""

from typing import ClassVar

from fuzzcopy import Kernel
from fuzzcopy.kernel import Fork as ForkPath
from fuzzcopy.oracles import ALL, Oracle
from fuzzcopy.runner import Tally, find_failure, policies_for, run
from fuzzcopy.scenario import (
    CpuSpec,
    DirectRead,
    FileSpec,
    Fork,
    Load,
    Madvise,
    MappingSpec,
    Munmap,
    Poke,
    Scenario,
    SpaceSpec,
    Store,
    Switch,
    Truncate,
)

from .programs import Results

ANONYMOUS, PRIVATE = MappingSpec(0, 2), MappingSpec(1, 1, 0)
SHARED = MappingSpec(2, 1, 0, shared=True)


def scene(parent, child, mappings=(ANONYMOUS, PRIVATE, SHARED)):
    return Scenario(
        cpus=(CpuSpec(parent), CpuSpec(child, 1)),
        files=(FileSpec(16, ("clean",)),),
        spaces=(SpaceSpec(mappings), SpaceSpec()),
    )


def test_the_child_sees_what_there_was_and_the_file():
    results = Results()
    parent = (Store(0, 0, 4), Store(1, 0, 4), Load(0, 0, 4), Load(1, 0, 4), Fork(1), Store(0, 0, 4))
    child = (Load(0, 0, 4), Load(1, 0, 4), Store(2, 0, 4))
    run(Kernel, scene(parent, child), oracles=ALL, watchers=[results]).raise_verdict()
    assert results.returned == [4, 4, 4, 4, 0, 4, 4, 4, 4]
    assert results.cells[6:8] == results.cells[2:4]


def test_whoever_is_left_alone_with_a_page_keeps_it():
    where = scene((Store(0, 0, 1), Fork(1), Munmap(0, 0, 2)), (Store(0, 0, 1),), (ANONYMOUS,))
    frames = run(Kernel, where).trace
    assert sum("allocated" in note for row in frames.rows for note in row.notes) == 0


class WhatTheChildHas(Oracle):
    """Its pages at the end, by name, and whether they are its own."""

    pages: ClassVar[dict[str, bool]] = {}

    def finish(self):
        kernel = self.world.kernel
        shown = [kernel.page_of(entry.frame) for entry in kernel.spaces[1].table.entries.values()]
        self.pages.update({page.name: page.anonymous for page in shown})


def test_what_a_device_works_with_is_copied_and_the_copy_is_the_childs_own():
    device_at_work = Scenario(
        cpus=(CpuSpec((DirectRead(0, 0, 0, 0, 1),)), CpuSpec((Fork(1),))),
        files=(FileSpec(16),),
        spaces=(SpaceSpec((MappingSpec(0, 1, present=False),)), SpaceSpec()),
        schedule=(Switch("cpu1", "wait ipi acks for cpu1", 2, "ipi cpu1->cpu0"),),
    )
    outcome = run(Kernel, device_at_work, oracles=[*ALL, WhatTheChildHas])
    outcome.raise_verdict()
    assert outcome.missed is None
    assert WhatTheChildHas.pages == {"copy mm1:0x10": True}


def test_nobody_sees_what_the_other_stores_whatever_happens_meanwhile():
    for parent, child in [
        ((Fork(1), Store(0, 0, 20)), (Load(0, 0, 16), Store(0, 8, 16))),
        ((Store(1, 0, 8), Fork(1), Poke(1, 0, 8)), (Madvise(1, 0, 1), Store(1, 0, 4))),
        ((Fork(1), Truncate(0, 0)), (Load(1, 0, 4), Load(0, 0, 4))),
    ]:
        assert find_failure(Kernel, scene(parent, child), policies_for(1, 150, Tally())) is None


class LeavesThemWritable(ForkPath):
    """Shares pages without taking write permission."""

    async def copy_entries(self, cpu, vma, twin):
        for vpn in range(vma.start, vma.start + vma.pages):
            entry = await vma.space.table.read(vpn)
            if entry is not None:
                page = self.kernel.page_of(entry.frame)
                await self.kernel.fault.map(twin, vpn, page, writable=entry.writable)
        return True


class SharingKernel(Kernel):
    fork_path = LeavesThemWritable


def test_a_fork_that_leaves_pages_writable_is_reported():
    where = scene((Fork(1), Store(0, 0, 4)), (Load(0, 0, 4),), (ANONYMOUS,))
    assert run(SharingKernel, where).kind == "torn read"
