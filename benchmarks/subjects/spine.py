"""What the reference kernel would cost with as little of an MMU as can be.

A flush is done at once and on all CPUs, nobody waits for walkers of a page table, and no oracle
looks at translations, privileges, a process's own memory, private data or fsync. Such a kernel is
wrong, though nothing here says so: it shows what the complete one costs, as far as that can be
taken away.
Frames of page tables and tags of TLB entries can't.
"""

from __future__ import annotations

from collections.abc import Sequence

from fuzzcopy.kernel import AddressSpace, Kernel, Shootdown
from fuzzcopy.machine import Cpu
from fuzzcopy.oracles import (
    ALL,
    OwnMemoryOracle,
    PrivateDataOracle,
    PrivilegeOracle,
    StaleTlbOracle,
    SyncOracle,
)

_OF_THE_MMU = (OwnMemoryOracle, PrivateDataOracle, PrivilegeOracle, StaleTlbOracle, SyncOracle)

ORACLES = tuple(oracle for oracle in ALL if oracle not in _OF_THE_MMU)
"""All but those that came with the whole MMU."""


class AtOnce(Shootdown):
    """Flushes without an interrupt."""

    async def flush(self, cpu: Cpu, space: AddressSpace, vpns: Sequence[int]) -> None:
        if not vpns:
            return
        mask = await space.begin_flush()
        if self.scheduler.turn("tlb.flush", cpu.tlb, True):
            await self.scheduler.pass_baton()
        for other in mask:
            other.tlb.flush(space.table, vpns)

    async def synchronise(self, cpu: Cpu, space: AddressSpace) -> None:
        return


class Spine(Kernel):
    """The reference kernel, flushing at once."""

    name = "spine"
    shootdown_path = AtOnce
