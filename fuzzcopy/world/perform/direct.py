"""Reads and writes past the page cache."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fuzzcopy.scenario import DirectRead, DirectWrite
from fuzzcopy.world.perform.table import Table

if TYPE_CHECKING:
    from fuzzcopy.kernel import UserBuffer
    from fuzzcopy.machine import Cpu
    from fuzzcopy.world.world import World


async def read(world: World, cpu: Cpu, op: DirectRead, buffer: UserBuffer) -> int:
    kernel = world.kernel
    return await kernel.direct.read(cpu, kernel.files[op.file], op.first, buffer, op.pages)


async def write(world: World, cpu: Cpu, op: DirectWrite, buffer: UserBuffer) -> int:
    kernel = world.kernel
    return await kernel.direct.write(cpu, kernel.files[op.file], op.first, buffer, op.pages)


TABLE: Table = {DirectRead: read, DirectWrite: write}
