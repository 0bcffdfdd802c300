"""Running one program alone, for its results."""

from fuzzcopy import Kernel
from fuzzcopy.oracles import ALL
from fuzzcopy.runner import run
from fuzzcopy.scenario import (
    CpuSpec,
    FaultPlan,
    FileSpec,
    MachineSpec,
    MappingSpec,
    Operation,
    Scenario,
    SpaceSpec,
)
from fuzzcopy.world import WorldWatcher


class Results(WorldWatcher):
    """What operations returned, and what loads loaded."""

    def __init__(self) -> None:
        self.returned: list[int] = []
        self.cells: list[list[int]] = []

    def operation_begun(self, cpu, number, operation):
        self.cells.append([])

    def operation_ended(self, cpu, number, operation, result):
        self.returned.append(result)

    def loaded(self, cpu, address, cells):
        self.cells[-1] += cells


def perform(
    *program: Operation,
    mappings: tuple[MappingSpec, ...],
    size: int = 48,
    kernel: type[Kernel] = Kernel,
    faults: FaultPlan | None = None,
    frames: int = 24,
) -> Results:
    """``program`` on one CPU: pages of 16 bytes, one file f0 of ``size``, nothing of it cached."""
    scenario = Scenario(
        cpus=(CpuSpec(program),),
        files=(FileSpec(size),),
        spaces=(SpaceSpec(mappings),),
        machine=MachineSpec(frames=frames),
        faults=faults or FaultPlan(),
    )
    results = Results()
    outcome = run(kernel, scenario, oracles=ALL, watchers=[results])
    outcome.raise_verdict()
    return results
