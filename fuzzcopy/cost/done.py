"""Whether a call did its work: a bill for anything else is not to be compared."""

from __future__ import annotations

from fuzzcopy.cost.workload import Call, Workload
from fuzzcopy.kernel import Kernel, UserBuffer
from fuzzcopy.machine import Cells, Cpu
from fuzzcopy.oracles import ContractBroken, Oracle
from fuzzcopy.runner import run
from fuzzcopy.scenario import Operation, Read, Write


class DoneOracle(Oracle):
    """Judges calls of a whole page each that nobody disturbs, whose memory is mapped and stays.

    However it is done, by copying or by exchanging pages: memory and file show the same then.
    """

    def operation_ended(self, cpu: Cpu, number: int, operation: Operation, result: int) -> None:
        if not isinstance(operation, (Read, Write)):
            return
        buffer = self.world.plan.steps[cpu.index][number][1]
        assert isinstance(buffer, UserBuffer)
        call = "read" if isinstance(operation, Read) else "write"
        if result != buffer.length:
            broken = f"{call} returned {result}, though all {buffer.length} bytes can be had"
            self.fail(ContractBroken(broken))
        page_size = self.world.machine.page_size
        vpn = buffer.locate(0)[0] // page_size
        entry = self.world.kernel.space_of(cpu).table.entries.get(vpn)
        if entry is None or entry.frame.cells != self._page(operation.file, operation.offset):
            self.fail(ContractBroken(f"{call} returned {result}, but memory and file differ then"))

    def _page(self, number: int, offset: int) -> Cells:
        file = self.world.kernel.files[number]
        index = offset // self.world.machine.page_size
        page = file.pages.get(index)
        return self.world.kernel.stored(file, index) if page is None else page.frame.cells


def check_done(kernel: type[Kernel], call: Call) -> None:
    """Raise a verdict if ``kernel`` does not do its work where nothing is in its way."""
    run(kernel, Workload(call).scenario(), oracles=[DoneOracle]).raise_verdict()
