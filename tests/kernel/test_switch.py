"""Moving between address spaces: the mask, and what the TLB kept."""

import pytest

from fuzzcopy import Kernel
from fuzzcopy.kernel import ContextSwitch
from fuzzcopy.oracles import ALL, Oracle, StaleTlb
from fuzzcopy.runner import run
from fuzzcopy.scenario import (
    CpuSpec,
    Idle,
    Load,
    Madvise,
    MappingSpec,
    Munmap,
    Operation,
    Scenario,
    SpaceSpec,
    Store,
    Switch,
    SwitchTo,
)

OWN = SpaceSpec((MappingSpec(0, 1),))


class Look(Oracle):
    """The mask of each address space, and what each CPU's TLB holds, at the end."""

    masks: list[list[str]]
    tlbs: list[list[tuple[str, int]]]

    def finish(self):
        Look.masks = [sorted(map(str, space.cpus)) for space in self.world.kernel.spaces]
        Look.tlbs = [sorted(cpu.tlb.entries) for cpu in self.world.machine.cpus]
        assert not any(cpu.lazy for cpu in self.world.machine.cpus)


def perform(*programs: tuple[Operation, ...], kernel=Kernel, schedule=()):
    """CPUs that all begin in mm0, with one page of their own mapped in mm0 and in mm1."""
    scenario = Scenario(
        cpus=tuple(CpuSpec(program) for program in programs), spaces=(OWN, OWN), schedule=schedule
    )
    return run(kernel, scenario, oracles=[*ALL, Look])


def test_a_cpu_is_in_the_mask_of_the_address_space_it_is_in():
    perform((SwitchTo(1),), (SwitchTo(1), SwitchTo(0)), (SwitchTo(0),)).raise_verdict()
    assert Look.masks == [["cpu1", "cpu2"], ["cpu0"]]


def test_what_is_stored_goes_to_the_address_space_the_cpu_is_in():
    outcome = perform((Store(0, 0, 4), SwitchTo(1), Load(0, 0, 4), SwitchTo(0), Load(0, 0, 4)))
    outcome.raise_verdict()


@pytest.mark.parametrize("away", [(SwitchTo(1), SwitchTo(0)), (Idle(),)])
def test_translations_outlast_an_absence_in_which_nobody_flushed(away):
    perform((Load(0, 0, 1), *away)).raise_verdict()
    assert ("mm0", 16) in Look.tlbs[0]


AWAY = {
    "elsewhere": ((Load(0, 0, 1), SwitchTo(1), SwitchTo(0)), "mask.join mm0 mask"),
    "idle": ((Load(0, 0, 1), Idle()), "mask.join mm0 mask"),
}


@pytest.mark.parametrize("where", AWAY)
def test_what_was_flushed_in_absence_is_forgotten_on_return(where):
    program, at = AWAY[where]
    schedule = (Switch("cpu0", at, 1, "cpu1"),)
    outcome = perform(program, (Madvise(0, 0, 1),), schedule=schedule)
    outcome.raise_verdict()
    assert outcome.missed is None
    assert outcome.trace is not None
    assert not any("interrupts cpu0" in note for row in outcome.trace.rows for note in row.notes)
    assert ("mm0", 16) not in Look.tlbs[0]


class NeverLooks(ContextSwitch):
    """Comes back without asking what was flushed meanwhile."""

    async def load(self, cpu, space):
        await cpu.load_table(space.table)
        self.kernel.runs_in(cpu, space)


class NeverLooksKernel(Kernel):
    switch_path = NeverLooks


@pytest.mark.parametrize("where", AWAY)
def test_a_stale_entry_is_judged_when_the_cpu_comes_back(where):
    program, at = AWAY[where]
    schedule = (Switch("cpu0", at, 1, "cpu1"),)
    verdict = perform(
        program, (Madvise(0, 0, 1),), kernel=NeverLooksKernel, schedule=schedule
    ).verdict
    assert isinstance(verdict, StaleTlb)
    assert str(verdict).startswith("cpu0 still translates mm0:0x10 to frame")


def test_a_shootdown_waits_for_a_cpu_that_is_switching():
    # Interrupts are off from before the CPU is in the mask: the interrupt is taken afterwards.
    schedule = (Switch("cpu0", "mask.missed? mm1 mask", 1, "cpu1"),)
    outcome = perform((SwitchTo(1),), (SwitchTo(1), Munmap(0, 0, 1)), schedule=schedule)
    outcome.raise_verdict()
    assert outcome.missed is None
    assert Look.masks == [[], ["cpu0", "cpu1"]]
