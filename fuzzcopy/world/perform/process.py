"""fork(), and what a debugger or a fault handler does to a process's memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fuzzcopy.kernel import slot_page
from fuzzcopy.scenario import Continue, Fork, Poke
from fuzzcopy.world.perform.table import Table

if TYPE_CHECKING:
    from fuzzcopy.machine import Cells, Cpu
    from fuzzcopy.world.world import World


async def poke(world: World, cpu: Cpu, op: Poke, cells: Cells) -> int:
    return await world.kernel.debug.poke(cpu, world.plan.address(op.slot, op.offset), cells)


async def continue_(world: World, cpu: Cpu, op: Continue, _: None) -> int:
    kernel = world.kernel
    start = slot_page(op.slot) + op.first
    return await kernel.populate.map_cached(kernel.space_of(cpu), start, op.pages)


async def fork(world: World, cpu: Cpu, op: Fork, _: None) -> int:
    kernel = world.kernel
    return await kernel.fork.fork(cpu, kernel.space_of(cpu), kernel.spaces[op.child])


TABLE: Table = {Poke: poke, Continue: continue_, Fork: fork}
