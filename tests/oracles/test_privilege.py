"""Wrong privilege: what is reached without permission, and what only looks like it."""

import dataclasses

import pytest
from msgspec.structs import replace

from fuzzcopy import Kernel
from fuzzcopy.kernel import Fault, Pin
from fuzzcopy.oracles import ALL, PrivilegeOracle, WrongPrivilege
from fuzzcopy.runner import Tally, find_failure, policies_for, run
from fuzzcopy.scenario import Continue, Load, Madvise, MappingSpec, Mprotect, Munmap, Poke, Store

from .scenes import PRIVATE, SHARED, scene

READ_ONLY = replace(PRIVATE, writable=False)
READ_ONLY_SHARED = replace(SHARED, writable=False)


class SharesForWriting(Fault):
    """Maps the file's own page writable into a private mapping."""

    async def copy_on_write(self, cpu, vma, vpn, page):
        return await self.share(vma, vpn, page, True)


class AsksNobody(Fault):
    """Makes any page writable that is written to."""

    async def resolve(self, cpu, vpn, write, *, force=False):
        vma = await self.kernel.space_of(cpu).find(vpn)
        if vma is None or vma.writable:
            return await super().resolve(cpu, vpn, write, force=force)
        return await self.from_file(cpu, dataclasses.replace(vma, writable=True), vpn, write)


class TakesAnything(Pin):
    def may_write(self, vma, entry, faulted):
        return True


def kernel(**paths):
    return type("Broken", (Kernel,), paths)


BROKEN = [
    (kernel(fault_path=SharesForWriting), scene((Store(0, 0, 1),), mapping=PRIVATE)),
    (kernel(fault_path=AsksNobody), scene((Store(0, 0, 1),), mapping=READ_ONLY_SHARED)),
    (kernel(pin_path=TakesAnything), scene((Poke(0, 0, 1),), mapping=READ_ONLY)),
]


@pytest.mark.parametrize(("broken", "where"), BROKEN)
def test_what_nothing_allows_is_reported(broken, where):
    assert isinstance(run(broken, where, oracles=[PrivilegeOracle]).verdict, WrongPrivilege)


@pytest.mark.parametrize(("broken", "where"), BROKEN)
def test_the_reference_kernel_copies_or_refuses(broken, where):
    assert run(Kernel, where, oracles=ALL).verdict is None


@pytest.mark.parametrize("mapping", [PRIVATE, SHARED, READ_ONLY, READ_ONLY_SHARED])
@pytest.mark.parametrize(
    "program",
    [
        (Munmap(0, 0, 1),),
        (Mprotect(0, 0, 1, writable=False), Mprotect(0, 0, 1, writable=True)),
        (Madvise(0, 0, 1), Continue(0, 0, 1)),
    ],
)
def test_a_permission_that_is_being_taken_away_is_still_in_force(mapping, program):
    accesses = (Load(0, 0, 16), Poke(0, 0, 1), Store(0, 0, 1))
    where = scene(accesses, program, mapping=mapping)
    assert find_failure(Kernel, where, policies_for(1, 150, Tally())) is None


def test_memory_of_ones_own_may_be_written_by_force_though_it_is_read_only():
    own = MappingSpec(0, 1, writable=False, present=False)
    assert run(Kernel, scene((Poke(0, 0, 1), Load(0, 0, 1)), mapping=own)).verdict is None
