"""Moving a CPU to another address space, and idling in the one it has."""

from __future__ import annotations

from fuzzcopy.kernel.path import Path
from fuzzcopy.kernel.space import AddressSpace
from fuzzcopy.machine import Cpu


class ContextSwitch(Path):
    """``switch_mm``: a CPU is in an address space's mask before its table is loaded.

    It leaves the mask after another table is. So whoever clears an entry and reads the mask
    afterwards misses nobody who may still fetch the old one. What the TLB kept of an earlier stay
    is good only if nobody has flushed since; that is looked at once the CPU is in the mask.
    """

    async def switch(self, cpu: Cpu, space: AddressSpace) -> int:
        """Run in ``space`` from now on. Returns 0."""
        old = self.kernel.space_of(cpu)
        if space is not old:
            cpu.disable_interrupts()
            await self.enter(cpu, space)
            await old.leave(cpu)
            cpu.enable_interrupts()
        return 0

    async def idle(self, cpu: Cpu) -> int:
        """Idle for a moment, or run a kernel thread: with the table loaded, but lazily.

        Shootdowns leave a lazy CPU alone, as it does not touch user memory. Returns 0.
        """
        space = self.kernel.space_of(cpu)
        await space.doze(cpu)
        cpu.disable_interrupts()
        await self.enter(cpu, space)
        cpu.enable_interrupts()
        return 0

    async def enter(self, cpu: Cpu, space: AddressSpace) -> None:
        """First into the mask, then look what was missed, then load the table."""
        await space.join(cpu)
        await self.load(cpu, space)

    async def load(self, cpu: Cpu, space: AddressSpace) -> None:
        """Load the page table, and forget what is older than a flush that passed by this CPU."""
        if not await space.is_up_to_date(cpu):
            cpu.tlb.flush_all(space.table)
        await cpu.load_table(space.table)
        self.kernel.runs_in(cpu, space)
