"""An oracle that lets a model do what the kernel has done, and compares."""

from msgspec.structs import replace

from fuzzcopy.machine import Cells, Cpu
from fuzzcopy.oracles import Oracle
from fuzzcopy.scenario import Fsync, Operation, Scenario, SwitchTo
from fuzzcopy.sched import Verdict
from fuzzcopy.world import World

from .model import Model, agree


def predictable(scenario: Scenario) -> Scenario:
    """``scenario`` with memory for everything, and a disk that does not fail.

    The model has one address space: whoever would switch to another one switches to that.
    """
    machine = replace(scenario.machine, frames=200)
    faults = replace(scenario.faults, errors=())
    [cpu] = scenario.cpus
    program = tuple(SwitchTo(cpu.space) if isinstance(op, SwitchTo) else op for op in cpu.program)
    cpus = (replace(cpu, program=program),)
    return replace(scenario, cpus=cpus, machine=machine, faults=faults)


class Differs(Verdict):
    kind = "differs from the model"


class Follow(Oracle):
    def begin(self, world: World) -> None:
        super().begin(world)
        self.model = Model(world.plan)
        self.seen: Cells = []

    def loaded(self, cpu: Cpu, address: int, cells: Cells) -> None:
        self.seen += cells

    def operation_begun(self, cpu: Cpu, number: int, operation: Operation) -> None:
        self.seen = []

    def operation_ended(self, cpu: Cpu, number: int, operation: Operation, result: int) -> None:
        self.model.loaded = []
        allowed = self.model.perform(number)
        name = str(operation)
        if result not in allowed:
            self.fail(Differs(f"{name} returned {result}, not {allowed}"))
        self.compare(f"{name} loaded", self.model.loaded, self.seen)
        if isinstance(operation, Fsync):
            self.compare_disk(operation.file, f"after {name} the disk has")

    def finish(self) -> None:
        for f, file in enumerate(self.world.kernel.files):
            size = file.size.peek()
            if size != self.model.files[f].size:
                self.fail(Differs(f"{file} has {size} bytes, not {self.model.files[f].size}"))
            self.compare(f"{file} holds", self.model.content(f), self.shown(f))
        table = self.world.kernel.spaces[0].table
        for vpn, entry in sorted(table.entries.items()):
            cells = self.model.page_for(vpn, False)[0]
            if vpn in self.model.own:
                self.compare(f"{table.slot(vpn)} holds", cells, entry.frame.cells)

    def shown(self, f: int) -> Cells:
        kernel = self.world.kernel
        file, page_size = kernel.files[f], self.world.machine.page_size
        cells: Cells = []
        for index in range(-(-file.size.peek() // page_size)):
            page = file.pages.get(index)
            good = page is not None and page.uptodate
            cells += page.frame.cells if good else kernel.stored(file, index)
        return cells[: file.size.peek()]

    def compare_disk(self, f: int, what: str) -> None:
        size, kernel = self.model.files[f].size, self.world.kernel
        pages = range(-(-size // self.model.page))
        stored = [cell for p in pages for cell in kernel.stored(kernel.files[f], p)]
        self.compare(what, self.model.content(f), stored[:size])

    def compare(self, what: str, expected: Cells, actual: Cells) -> None:
        if not agree(expected, actual):
            self.fail(Differs(f"{what} {actual}, not {expected}"))
