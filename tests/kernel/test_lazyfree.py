"""MADV_FREE: what is stored after it stays, whoever stored it, and the rest may go."""

from errno import EINVAL, ENOMEM

import pytest

from fuzzcopy import Kernel
from fuzzcopy.kernel import Debug, DirectIo, LazyFree
from fuzzcopy.machine import ZERO
from fuzzcopy.oracles import ALL
from fuzzcopy.runner import Tally, find_failure, policies_for, run
from fuzzcopy.scenario import (
    Actors,
    CpuSpec,
    DirectRead,
    FileSpec,
    Lazyfree,
    Load,
    MachineSpec,
    MappingSpec,
    Poke,
    Scenario,
    SpaceSpec,
    Store,
)

from .programs import Results, perform

MEMORY, FILE = MappingSpec(0, 1), MappingSpec(1, 1, 0)
FREE = Lazyfree(0, 0, 1)


def scene(*programs, rounds=1, frames=8):
    return Scenario(
        cpus=tuple(CpuSpec(program) for program in programs),
        files=(FileSpec(16),),
        spaces=(SpaceSpec((MEMORY, MappingSpec(2, 1, None, present=False))),),
        actors=Actors(kswapd=rounds),
        machine=MachineSpec(frames=frames),
    )


def search(scenario, **paths):
    kernel = type("Lazy", (Kernel,), paths)
    tally = Tally()
    return find_failure(kernel, scenario, policies_for(0, 400, tally), oracles=ALL, tally=tally)


def test_what_it_returns():
    where = (MEMORY, FILE)
    results = perform(FREE, Lazyfree(1, 0, 1), Lazyfree(0, 0, 2), mappings=where)
    assert results.returned == [0, -EINVAL, -ENOMEM]


def test_a_page_that_nobody_stores_to_is_dropped_when_memory_is_short():
    results = Results()
    # One frame, which is in use: the second mapping needs it.
    scenario = scene((FREE, Load(2, 0, 1), Load(0, 0, 1)), rounds=0, frames=1)
    run(Kernel, scenario, oracles=ALL, watchers=[results])
    assert results.cells[1] == [ZERO]
    assert results.returned[:2] == [0, 1]


def test_what_was_written_past_the_entry_before_is_given_up_too():
    results = Results()
    scenario = scene((Poke(0, 0, 16), FREE, Load(2, 0, 1), Load(0, 0, 1)), rounds=0, frames=1)
    run(Kernel, scenario, oracles=ALL, watchers=[results]).raise_verdict()
    assert results.returned[:3] == [16, 0, 1]


def test_one_that_is_stored_to_stays():
    results = Results()
    scenario = scene((FREE, Store(0, 0, 1), Load(2, 0, 1)), rounds=0, frames=1)
    run(Kernel, scenario, oracles=ALL, watchers=[results]).raise_verdict()
    assert results.returned == [0, 1, -14]


STORES = [Store(0, 0, 16), Poke(0, 0, 16), DirectRead(0, 0, 0, 0, 1)]


@pytest.mark.parametrize("store", STORES, ids=str)
def test_what_is_stored_afterwards_stays(store):
    assert search(scene((Store(0, 0, 16), FREE, store, Load(0, 0, 16)), rounds=2)) is None
    assert search(scene((FREE, Store(0, 0, 4)), (store, Load(0, 0, 16)), rounds=2)) is None


class Late(LazyFree):
    """Looks at the entry before it is taken out of the TLBs."""

    async def take_out(self, cpu, space, vpn):
        return await space.table.clear(vpn)


class Clean(DirectIo):
    async def unpin(self, pinned):
        for place in pinned:
            place.page.dirty = False
        await super().unpin(pinned)


class CleanPoke(Debug):
    async def write(self, cpu, pinned, address, cells):
        await super().write(cpu, pinned, address, cells)
        pinned.page.dirty = False


WRONG = [
    (STORES[0], {"lazyfree_path": Late}),
    (STORES[1], {"debug_path": CleanPoke}),
    (STORES[2], {"direct_path": Clean}),
]


@pytest.mark.parametrize(("store", "paths"), WRONG)
def test_what_does_not_is_found(store, paths):
    found = search(scene((Store(0, 0, 16), FREE, store, Load(0, 0, 16)), rounds=2), **paths)
    assert found is not None
