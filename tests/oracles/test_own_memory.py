"""Memory of one's own: a load sees the last store, whichever CPU it came from."""

from msgspec.structs import replace

from fuzzcopy import Kernel
from fuzzcopy.kernel import Shootdown
from fuzzcopy.oracles import ALL
from fuzzcopy.runner import find_failure, run
from fuzzcopy.scenario import (
    CpuSpec,
    DirectRead,
    FileSpec,
    Load,
    MappingSpec,
    Mremap,
    Scenario,
    SpaceSpec,
    Store,
    Switch,
)
from fuzzcopy.sched import RandomWalk

from .scenes import PRIVATE, scene


class NoFlush(Shootdown):
    async def flush(self, cpu, space, vpns):
        return


class CopiesWithoutFlushKernel(Kernel):
    shootdown_path = NoFlush


# CPU 1 has loaded the file's page, then CPU 0 stores to its copy, then CPU 1 loads once more.
TWO_LOADS = scene((Store(0, 0, 1),), (Load(0, 0, 1), Load(0, 0, 1)), mapping=PRIVATE)
FIRST_CPU_1 = (
    Switch("cpu0", "begin", 1, run="cpu1"),
    Switch("cpu1", "tlb.lookup tlb of cpu1", 2, run="cpu0"),
)


def test_a_load_through_the_page_before_the_copy_is_reported():
    where = replace(TWO_LOADS, schedule=FIRST_CPU_1)
    outcome = run(CopiesWithoutFlushKernel, where, oracles=ALL)
    assert outcome.missed is None
    assert outcome.kind == "torn read"


def test_the_reference_kernel_flushes_before_the_copy_is_there():
    outcome = run(Kernel, replace(TWO_LOADS, schedule=FIRST_CPU_1), oracles=ALL)
    assert outcome.missed is None
    assert outcome.verdict is None


def test_a_page_that_is_read_into_while_it_moves_is_not_what_it_was_before():
    scenario = Scenario(
        cpus=(CpuSpec((DirectRead(0, 0, 0, 0, 1),)), CpuSpec((Mremap(0, 2, 1),))),
        files=(FileSpec(16),),
        spaces=(SpaceSpec((MappingSpec(0, 2, None, shared=False),)),),
    )
    found = find_failure(Kernel, scenario, map(RandomWalk, range(500)), oracles=ALL)
    assert found is None
