"""What the kernel does to pages by itself, here at the call of a program."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fuzzcopy.scenario import Invalidate, Migrate, Reclaim
from fuzzcopy.world.perform.table import Table

if TYPE_CHECKING:
    from fuzzcopy.machine import Cpu
    from fuzzcopy.world.world import World


async def reclaim(world: World, cpu: Cpu, op: Reclaim, _: None) -> int:
    kernel = world.kernel
    return await kernel.reclaim.reclaim(cpu, kernel.files[op.file], op.page)


async def migrate(world: World, cpu: Cpu, op: Migrate, _: None) -> int:
    kernel = world.kernel
    return await kernel.migrate.migrate(cpu, kernel.files[op.file], op.page)


async def invalidate(world: World, cpu: Cpu, op: Invalidate, _: None) -> int:
    kernel = world.kernel
    return await kernel.invalidate.invalidate(cpu, kernel.files[op.file])


TABLE: Table = {Reclaim: reclaim, Migrate: migrate, Invalidate: invalidate}
