"""Leak: what outlives the programs."""

import pytest

from fuzzcopy import Kernel
from fuzzcopy.kernel import BufferedRead, Fault, PageCache, UserCopy, Writeback, WriteProtect
from fuzzcopy.oracles import Leak, LeakOracle
from fuzzcopy.runner import run
from fuzzcopy.scenario import Fsync, Load, Munmap, Read, Unprotect, Write
from fuzzcopy.scenario import WriteProtect as WriteProtectRange

from .scenes import buffer, scene


class KeepsThePageLocked(BufferedRead):
    async def uptodate_page(self, file, index):
        return await self.kernel.cache.get_uptodate(file, index)


class KeepsAReference(BufferedRead):
    async def uptodate_page(self, file, index):
        await file.find(index)
        return await super().uptodate_page(file, index)


class CountsNoEntry(Fault):
    async def map(self, vma, vpn, page, *, writable):
        await super().map(vma, vpn, page, writable=writable)
        page.mapcount -= 1


class LeavesFaultsOff(UserCopy):
    async def from_user_atomic(self, cpu, page, start, buffer, position, length):
        cpu.disable_faults()
        return await super().from_user(cpu, page, start, buffer, position, length)


class LeavesInterruptsOff(PageCache):
    async def put(self, page):
        await super().put(page)
        self.machine.cpus[0].disable_interrupts()


class NeverEndsWriteback(Writeback):
    async def submit(self, file, page):
        await page.begin_writeback()

    async def fsync(self, cpu, file):
        page = await file.find(0)
        await self.write_page(cpu, file, page)
        await self.kernel.cache.put(page)
        return 0


class ForgetsToLetGo(WriteProtect):
    async def drop(self, space, vpn):
        page = space.snapshot.pop(vpn, None)
        return [] if page is None else [page]


def kernel(**paths):
    return type("Leaking", (Kernel,), paths)


LEAKS = [
    (
        kernel(read_path=KeepsThePageLocked),
        scene((Read(0, 0, buffer()),)),
        "cpu0 ended holding the page lock f0:0",
    ),
    (
        kernel(read_path=KeepsAReference),
        scene((Read(0, 0, buffer()),)),
        "page f0:0 has 3 references, in use: 2",
    ),
    (
        kernel(fault_path=CountsNoEntry),
        scene((Load(0, 0, 1),), page="absent"),
        "page f0:0 counts 0 page-table entries of 1",
    ),
    (
        kernel(copy_path=LeavesFaultsOff),
        scene((Write(0, 0, buffer()),)),
        "cpu0 ended with page faults disabled",
    ),
    (
        kernel(cache_path=LeavesInterruptsOff),
        scene((Read(0, 0, buffer()),)),
        "cpu0 ended with interrupts off",
    ),
    (
        kernel(writeback_path=NeverEndsWriteback),
        scene((Fsync(0),), page="dirty"),
        "page f0:0 is still under writeback",
    ),
    (
        kernel(protect_path=ForgetsToLetGo),
        scene((WriteProtectRange(1, 0, 1), Unprotect(1, 0, 1))),
        "page anon mm0:0x20 counts 1 snapshots of 0",
    ),
]


@pytest.mark.parametrize(("kernel", "where", "message"), LEAKS)
def test_what_is_left_over_is_named(kernel, where, message):
    verdict = run(kernel, where, oracles=[LeakOracle]).verdict
    assert isinstance(verdict, Leak)
    assert str(verdict) == message


@pytest.mark.parametrize(("kernel", "where", "message"), LEAKS)
def test_the_reference_kernel_leaves_nothing_over(kernel, where, message):
    assert run(Kernel, where, oracles=[LeakOracle]).verdict is None


class KeepsTheFrameKernel(Kernel):
    async def free_page(self, page):
        return


def test_a_frame_that_nobody_has_and_that_is_not_free_is_a_leak():
    where = scene((Munmap(1, 0, 1),))
    assert isinstance(run(KeepsTheFrameKernel, where, oracles=[LeakOracle]).verdict, Leak)


def test_the_reference_kernel_gives_the_last_frame_back():
    assert run(Kernel, scene((Munmap(1, 0, 1),)), oracles=[LeakOracle]).verdict is None
