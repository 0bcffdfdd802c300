"""System calls on where a file's bytes are: on the disk, in the cache."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fuzzcopy.scenario import Fallocate
from fuzzcopy.world.perform.table import Table

if TYPE_CHECKING:
    from fuzzcopy.machine import Cpu
    from fuzzcopy.world.world import World


async def fallocate(world: World, cpu: Cpu, op: Fallocate, _: None) -> int:
    kernel = world.kernel
    return await kernel.allocate.fallocate(cpu, kernel.files[op.file], op.first, op.pages)


TABLE: Table = {Fallocate: fallocate}
