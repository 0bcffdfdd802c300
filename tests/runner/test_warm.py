"""CPUs whose TLB is full when the run begins: they have been running before."""

from fuzzcopy.kernel import Kernel, slot_page
from fuzzcopy.oracles import ALL, Oracle
from fuzzcopy.report.timeline import scenario_lines
from fuzzcopy.runner import run
from fuzzcopy.scenario import (
    CpuSpec,
    FileSpec,
    Load,
    MappingSpec,
    Munmap,
    Scenario,
    SpaceSpec,
    Store,
)

SPACE = SpaceSpec((MappingSpec(0, 1, 0, present=True), MappingSpec(1, 1, present=True)))
FILES = (FileSpec(16, ("clean",)),)


class Look(Oracle):
    """What each TLB holds at the end, and how often one missed."""

    def __init__(self) -> None:
        self.faults = 0
        self.walks = 0
        self.held: list[set[tuple[str, int]]] = []

    def finish(self):
        self.held = [set(cpu.tlb.entries) for cpu in self.world.machine.cpus]

    def table_walked(self, cpu, page):
        self.walks += 1

    def page_faulted(self, cpu, address, write):
        self.faults += 1


def perform(*cpus: CpuSpec) -> Look:
    look = Look()
    scenario = Scenario(cpus=cpus, files=FILES, spaces=(SPACE,))
    run(Kernel, scenario, oracles=[*ALL, lambda: look]).raise_verdict()
    return look


def test_what_is_mapped_is_reached_without_a_walk():
    reads = (Load(0, 0, 1), Load(1, 0, 1), Store(1, 0, 1))
    assert perform(CpuSpec(reads, warm=True)).walks == 0
    assert perform(CpuSpec(reads)).walks > 0


def test_permission_is_no_more_than_the_entry_gives():
    assert perform(CpuSpec((Store(0, 0, 1),), warm=True)).faults == 1


def test_others_are_flushed_all_the_same():
    look = perform(CpuSpec((Munmap(1, 0, 1),)), CpuSpec((Load(0, 0, 1),), warm=True))
    assert look.walks == 0
    assert look.held == [set(), {("mm0", slot_page(0))}]


def test_the_timeline_says_so():
    cpus = (CpuSpec((Load(0, 0, 1),)), CpuSpec((Load(0, 0, 1),), warm=True))
    scenario = Scenario(cpus=cpus, files=FILES, spaces=(SPACE,))
    assert "TLB full from before: cpu1" in scenario_lines(scenario)
