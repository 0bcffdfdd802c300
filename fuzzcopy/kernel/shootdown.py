"""TLB shootdown: make every CPU forget translations, and know that it has."""

from __future__ import annotations

from collections.abc import Sequence

from fuzzcopy.kernel.path import Path
from fuzzcopy.kernel.space import AddressSpace
from fuzzcopy.machine import Cpu, send_ipi


class Shootdown(Path):
    """Flushes by interrupt, one round per call."""

    async def flush(self, cpu: Cpu, space: AddressSpace, vpns: Sequence[int]) -> None:
        """Return once no CPU can use an old translation of ``vpns`` any more.

        Call it after the entries were cleared or downgraded, with interrupts enabled. It does
        not sleep: a spin lock may be held, unless a target could spin on it with interrupts off.
        """
        if not vpns:
            return
        bus = self.scheduler.bus
        for tell in bus.flush_begun:
            tell(cpu, space, vpns)
        mask = await space.begin_flush()
        if self.scheduler.turn("tlb.flush", cpu.tlb, True):
            await self.scheduler.pass_baton()
        if cpu in mask:
            cpu.tlb.flush(space.table, vpns)
        others = [other for other in mask if other is not cpu]
        if others:
            acks = send_ipi(
                self.scheduler, cpu, others, lambda target: target.tlb.flush(space.table, vpns)
            )
            await acks.wait()
        for tell in bus.flush_done:
            tell(cpu, space, vpns)

    async def synchronise(self, cpu: Cpu, space: AddressSpace) -> None:
        """Return once no CPU is in a page walk that had begun before (an interrupt for nothing).

        No interrupt is taken inside a walk (Linux: ``tlb_remove_table_sync_one``).
        """
        others = [other for other in await space.mask() if other is not cpu]
        if others:
            acks = send_ipi(self.scheduler, cpu, others, _nothing)
            await acks.wait()


def _nothing(_: Cpu) -> None:
    return
