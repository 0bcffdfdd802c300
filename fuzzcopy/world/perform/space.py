"""What is done to an address space as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fuzzcopy.kernel import slot_page
from fuzzcopy.scenario import Collapse, Idle, SwitchTo
from fuzzcopy.world.perform.table import Table

if TYPE_CHECKING:
    from fuzzcopy.machine import Cpu
    from fuzzcopy.world.world import World


async def collapse(world: World, cpu: Cpu, op: Collapse, _: None) -> int:
    kernel = world.kernel
    return await kernel.tables.collapse(cpu, kernel.space_of(cpu), slot_page(op.slot))


async def switch_to(world: World, cpu: Cpu, op: SwitchTo, _: None) -> int:
    kernel = world.kernel
    return await kernel.switch.switch(cpu, kernel.spaces[op.space])


async def idle(world: World, cpu: Cpu, _op: Idle, _: None) -> int:
    return await world.kernel.switch.idle(cpu)


TABLE: Table = {Collapse: collapse, SwitchTo: switch_to, Idle: idle}
