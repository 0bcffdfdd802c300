"""Write protection by userfaultfd."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fuzzcopy.kernel import slot_page
from fuzzcopy.scenario import Unprotect, WriteProtect
from fuzzcopy.world.perform.table import Table

if TYPE_CHECKING:
    from fuzzcopy.machine import Cpu
    from fuzzcopy.world.world import World


async def write_protect(world: World, cpu: Cpu, op: WriteProtect, _: None) -> int:
    kernel = world.kernel
    start = slot_page(op.slot) + op.first
    return await kernel.protect.protect(cpu, kernel.space_of(cpu), start, op.pages)


async def unprotect(world: World, cpu: Cpu, op: Unprotect, _: None) -> int:
    kernel = world.kernel
    start = slot_page(op.slot) + op.first
    return await kernel.protect.unprotect(cpu, kernel.space_of(cpu), start, op.pages)


TABLE: Table = {WriteProtect: write_protect, Unprotect: unprotect}
