"""Sleep in atomic context: faults disabled, a spin lock held, interrupts off."""

import pytest

from fuzzcopy import Kernel
from fuzzcopy.kernel import Mapping, Unmap, UserCopy
from fuzzcopy.oracles import AtomicOracle, SleepInAtomic
from fuzzcopy.runner import run
from fuzzcopy.scenario import Fsync, Munmap, Write

from .scenes import buffer, scene


class FaultsAllTheSame(UserCopy):
    async def _fault(self, cpu, address, write):
        return await self.kernel.fault.handle(cpu, address, write)


class FaultsAllTheSameKernel(Kernel):
    copy_path = FaultsAllTheSame


class LocksPagesUnderThePtl(Unmap):
    async def clear(self, cpu, space, vpns, only):
        cleared = await super().clear(cpu, space, vpns, only)
        for _, entry in cleared:
            async with self.kernel.page_of(entry.frame).lock:
                pass
        return cleared


class LocksPagesUnderThePtlKernel(Kernel):
    unmap_path = LocksPagesUnderThePtl


class InterruptsOff(Mapping):
    async def munmap(self, cpu, space, start, pages):
        cpu.disable_interrupts()
        result = await super().munmap(cpu, space, start, pages)
        cpu.enable_interrupts()
        return result


class InterruptsOffKernel(Kernel):
    mapping_path = InterruptsOff


class WaitsForTheDiskUnderThePtl(Unmap):
    async def write_protect(self, cpu, file, page):
        space = self.kernel.space_of(cpu)
        async with space.ptl:
            await page.begin_writeback()
            self.machine.disk.write((file.name, page.index), page.frame, page.end_writeback)
            await page.wait_for_writeback()
        return False


class WaitsForTheDiskUnderThePtlKernel(Kernel):
    unmap_path = WaitsForTheDiskUnderThePtl


PLACES = [
    (
        FaultsAllTheSameKernel,
        scene((Write(0, 0, buffer(slot=0)),), page="absent"),
        "cpu0 takes the mmap lock mm0 with page faults disabled",
    ),
    (
        LocksPagesUnderThePtlKernel,
        scene((Munmap(0, 0, 1),)),
        "cpu0 takes the page lock f0:0 holding the ptl lock mm0",
    ),
    (
        InterruptsOffKernel,
        scene((Munmap(0, 0, 1),)),
        "cpu0 takes the mmap lock mm0 with interrupts off",
    ),
    (
        WaitsForTheDiskUnderThePtlKernel,
        scene((Fsync(0),), page="dirty"),
        "cpu0 waits for writeback of f0:0 holding the ptl lock mm0",
    ),
]


@pytest.mark.parametrize(("kernel", "where", "message"), PLACES)
def test_what_may_sleep_where_nobody_may_is_named_with_the_reason(kernel, where, message):
    verdict = run(kernel, where, oracles=[AtomicOracle]).verdict
    assert isinstance(verdict, SleepInAtomic)
    assert str(verdict) == message


@pytest.mark.parametrize(("kernel", "where", "message"), PLACES)
def test_the_reference_kernel_sleeps_nowhere_it_must_not(kernel, where, message):
    assert run(Kernel, where, oracles=[AtomicOracle]).verdict is None
