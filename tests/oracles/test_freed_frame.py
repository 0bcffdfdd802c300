"""Freed-frame access: through a TLB entry, through a kernel pointer, by DMA."""

import pytest
from msgspec.structs import replace

from fuzzcopy import Kernel
from fuzzcopy.kernel import BufferedRead, Reclaim, Tables, Writeback
from fuzzcopy.oracles import FreedFrameAccess, FreedFrameOracle
from fuzzcopy.runner import run
from fuzzcopy.scenario import Fsync, Load, Munmap, Read, Store, Switch
from fuzzcopy.scenario import Reclaim as ReclaimOf

from .scenes import PRIVATE, buffer, scene


class FreesUnderEntries(Reclaim):
    async def reclaim(self, cpu, file, index):
        await self.machine.memory.free(file.pages[index].frame)
        return 1


class FreesUnderEntriesKernel(Kernel):
    reclaim_path = FreesUnderEntries


class ForgetsItsReference(BufferedRead):
    """Holds no reference while it copies, as if the page could not go away meanwhile."""

    async def uptodate_page(self, file, index):
        page = await super().uptodate_page(file, index)
        if page is not None:
            await file.remove(page)
            await self.kernel.cache.put(page)
        return page


class ForgetsItsReferenceKernel(Kernel):
    read_path = ForgetsItsReference


class DoesNotWaitForTheDisk(Writeback):
    async def submit(self, file, page):
        await super().submit(file, page)
        await self.machine.memory.free(page.frame)


class DoesNotWaitForTheDiskKernel(Kernel):
    writeback_path = DoesNotWaitForTheDisk


def test_a_load_through_an_entry_that_outlived_its_frame():
    found = run(
        FreesUnderEntriesKernel,
        scene((ReclaimOf(0, 0), Load(0, 0, 1))),
        oracles=[FreedFrameOracle],
    )
    assert isinstance(found.verdict, FreedFrameAccess)
    assert "cpu0 read frame" in str(found.verdict)
    assert "which is free, through a TLB entry" in str(found.verdict)


def test_a_store_through_an_entry_that_outlived_its_frame():
    program = (Store(1, 0, 1), ReclaimOf(0, 0), Store(0, 0, 1))
    found = run(FreesUnderEntriesKernel, scene(program), oracles=[FreedFrameOracle])
    assert isinstance(found.verdict, FreedFrameAccess)


def test_a_copy_out_of_a_page_that_is_gone():
    found = run(
        ForgetsItsReferenceKernel,
        scene((Read(0, 0, buffer()),), page="absent"),
        oracles=[FreedFrameOracle],
    )
    assert isinstance(found.verdict, FreedFrameAccess)
    assert "through a kernel pointer" in str(found.verdict)


def test_a_disk_write_out_of_a_page_that_is_gone():
    program = (Fsync(0),)
    found = run(
        DoesNotWaitForTheDiskKernel, scene(program, page="dirty"), oracles=[FreedFrameOracle]
    )
    assert isinstance(found.verdict, FreedFrameAccess)
    assert "the disk read frame" in str(found.verdict)
    assert "through DMA" in str(found.verdict)


class FreesTheTableAtOnce(Tables):
    async def wait_for_walkers(self, cpu, space):
        return


class FreesTheTableAtOnceKernel(Kernel):
    tables_path = FreesTheTableAtOnce


WALK_AND_UNMAP = replace(
    scene((Load(0, 0, 1),), (Munmap(0, 0, 1),), page="absent"),
    schedule=(Switch("cpu0", "pte.walk mm0:0x10", 1, "cpu1"),),
)
"""A walk of an empty page-table page is overtaken by the munmap() that frees it."""


def test_a_walk_of_a_page_table_page_that_is_gone():
    found = run(FreesTheTableAtOnceKernel, WALK_AND_UNMAP, oracles=[FreedFrameOracle])
    assert isinstance(found.verdict, FreedFrameAccess)
    assert str(found.verdict) == "cpu0 walked page-table page mm0:table1, which is free"


def test_the_reference_kernel_waits_for_the_walk():
    found = run(Kernel, WALK_AND_UNMAP, oracles=[FreedFrameOracle])
    assert (found.verdict, found.missed) == (None, None)


@pytest.mark.parametrize("mapping", [PRIVATE, None])
def test_the_reference_kernel_does_the_same_and_touches_no_free_frame(mapping):
    program = (Read(0, 0, buffer()), ReclaimOf(0, 0), Load(0, 0, 1), Store(0, 0, 1), Fsync(0))
    where = scene(program) if mapping is None else scene(program, mapping=mapping)
    assert run(Kernel, where, oracles=[FreedFrameOracle]).verdict is None
