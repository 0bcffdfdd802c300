"""What is metered: one call over some whole pages, in a world made for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from fuzzcopy.cost.costs import Costs
from fuzzcopy.cost.meter import Bill, Meter
from fuzzcopy.kernel import BufferedWrite, Kernel, Page, UserBuffer
from fuzzcopy.machine import Cpu
from fuzzcopy.runner import run
from fuzzcopy.scenario import (
    CpuSpec,
    FileSpec,
    MachineSpec,
    MappingSpec,
    Operation,
    Read,
    Scenario,
    Segment,
    SpaceSpec,
    Store,
    Write,
)
from fuzzcopy.scenario.scenario import PageState

PAGE = 4096
"""Bytes of a page, in everything that is metered."""

Call = Literal["read", "write"]

_CHUNK = 512
"""Bytes that a copy moves before it can fault: how much is wasted when it does."""

_ABSENT = 1
_PRESENT = 0


class BareWrite(BufferedWrite):
    """Copies and thinks of nothing: what the mail is about."""

    async def copy(
        self, cpu: Cpu, page: Page, start: int, buffer: UserBuffer, position: int, length: int
    ) -> int:
        return await self.kernel.copy.from_user(cpu, page, start, buffer, position, length)


class Bare(Kernel):
    """The kernel to compare costs with: the reference with a bare ``memcpy`` in write().

    It is not correct (its write() deadlocks, see ``sleeping-copy``). The reference's read() copies
    like that, too, and may: it has no page locked.
    """

    name = "bare copy"
    write_path = BareWrite


@dataclass(frozen=True, slots=True)
class Workload:
    """``pages`` calls of a page each, of which the first ``mapped`` have their memory mapped.

    ``cpus`` run in the address space; all but the first only have it loaded. ``cached``: the
    file's pages are in the cache, uptodate, in no page table. ``size``: bytes of each call.
    ``then_store``: each page of the buffer is stored to after its call, and that counts, too.
    """

    call: Call
    pages: int = 4
    mapped: int = 4
    cpus: int = 1
    cached: bool = True
    size: int = PAGE
    cold_source: bool = False
    cold_tables: bool = False
    then_store: bool = False

    def scenario(self) -> Scenario:
        """The world in which it is metered."""
        absent = self.pages - self.mapped
        mappings = []
        if self.mapped:
            mappings.append(MappingSpec(_PRESENT, self.mapped * self._span))
        if absent:
            mappings.append(MappingSpec(_ABSENT, absent * self._span, present=False))
        total = self.pages * self._span
        clean: PageState = "clean"
        cached = (clean,) * total if self.cached else ()
        return Scenario(
            cpus=(CpuSpec(self._program()), *[CpuSpec(())] * (self.cpus - 1)),
            files=(FileSpec(total * PAGE, cached),),
            spaces=(SpaceSpec(tuple(mappings)),),
            machine=MachineSpec(page_size=PAGE, chunk=_CHUNK, frames=min(6 * total + 32, 256)),
            max_steps=1_000_000,
        )

    @property
    def _span(self) -> int:
        """Pages that one call may touch."""
        return max(-(-self.size // PAGE), 1)

    def _program(self) -> tuple[Operation, ...]:
        kind = Read if self.call == "read" else Write
        # A store leaves a translation that is dirty already: from then on the TLB has it all.
        program: list[Operation] = [
            Store(_PRESENT, page * PAGE, 1) for page in range(self.mapped * self._span)
        ]
        for number in range(self.pages):
            here = number < self.mapped
            slot = _PRESENT if here else _ABSENT
            at = (number if here else number - self.mapped) * self._span * PAGE
            program.append(kind(0, number * self._span * PAGE, (Segment(slot, at, self.size),)))
            if self.then_store:
                program.append(Store(slot, at, 1))
        return tuple(program)


def measure(kernel: type[Kernel], workload: Workload, costs: Costs) -> Bill:
    """The mean bill of the workload's calls on ``kernel``.

    Raises the verdict, if the kernel goes wrong even here.
    """
    meter = Meter(costs, cold_source=workload.cold_source, cold_tables=workload.cold_tables)
    outcome = run(kernel, workload.scenario(), oracles=(), watchers=[meter])
    outcome.raise_verdict()
    bills = meter.bills[workload.mapped * workload._span :]
    mean = Bill()
    calls = workload.pages
    for bill in bills:
        mean.fast += bill.fast / calls
        mean.slow += bill.slow / calls
        mean.others += bill.others / calls
        mean.faults += bill.faults
        mean.failed += bill.failed
        mean.interrupts += bill.interrupts
        mean.disk_reads += bill.disk_reads
        for action, ns in bill.by.items():
            mean.by[action] = mean.by.get(action, 0.0) + ns / calls
    return mean
