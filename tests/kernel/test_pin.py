"""Pinning without locks: what it needs to be right, each taken away in turn."""

import pytest

from fuzzcopy import Kernel
from fuzzcopy.kernel import Pin
from fuzzcopy.oracles import ALL, FreedFrameAccess, TornRead
from fuzzcopy.runner import Tally, find_failure, policies_for
from fuzzcopy.scenario import (
    CpuSpec,
    DirectRead,
    FileSpec,
    Load,
    MappingSpec,
    Munmap,
    Scenario,
    SpaceSpec,
    Store,
    WriteProtect,
)

from .programs import perform

ANONYMOUS = MappingSpec(0, 1)


def scene(*programs):
    return Scenario(
        cpus=tuple(CpuSpec(program) for program in programs),
        files=(FileSpec(16),),
        spaces=(SpaceSpec((ANONYMOUS,)),),
    )


READ = DirectRead(0, 0, 0, 0, 1)
SNAPSHOT = scene((READ, Load(0, 0, 16)), (WriteProtect(0, 0, 1), Store(0, 0, 1)))
UNMAP = scene((READ,), (Munmap(0, 0, 1),))


class Trusting(Pin):
    async def still_shown(self, cpu, space, vpn, page, write):
        return True


class Interruptible(Pin):
    async def grab(self, cpu, space, vpn, write):
        cpu.enable_interrupts()
        return await super().grab(cpu, space, vpn, write)


class Slow(Pin):
    """Never gets anything without locks."""

    async def grab(self, cpu, space, vpn, write):
        return None


def search(pin, scenario):
    kernel = type("Pins", (Kernel,), {"pin_path": pin})
    tally = Tally()
    return find_failure(kernel, scenario, policies_for(0, 1500, tally), oracles=ALL, tally=tally)


@pytest.mark.parametrize(
    ("pin", "scenario", "verdict"),
    [(Trusting, SNAPSHOT, TornRead), (Interruptible, UNMAP, FreedFrameAccess)],
)
def test_what_is_left_out_is_missed(pin, scenario, verdict):
    found = search(pin, scenario)
    assert found is not None
    assert isinstance(found.failure, verdict)


@pytest.mark.slow
@pytest.mark.parametrize("pin", [Pin, Slow])
@pytest.mark.parametrize("scenario", [SNAPSHOT, UNMAP])
def test_the_reference_is_right_either_way(pin, scenario):
    assert search(pin, scenario) is None


def test_what_is_mapped_is_pinned_without_the_mmap_lock():
    class NoLock(Pin):
        async def pin(self, *args, **kwargs):
            raise AssertionError("took the lock")

    kernel = type("Fast", (Kernel,), {"pin_path": NoLock})
    results = perform(READ, mappings=(ANONYMOUS,), kernel=kernel)
    assert results.returned == [16]
