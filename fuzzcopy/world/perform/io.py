"""System calls on files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fuzzcopy.scenario import Fsync, Punch, Read, Readahead, Truncate, Write
from fuzzcopy.world.perform.table import Table

if TYPE_CHECKING:
    from fuzzcopy.kernel import UserBuffer
    from fuzzcopy.machine import Cpu
    from fuzzcopy.world.world import World


async def write(world: World, cpu: Cpu, op: Write, buffer: UserBuffer) -> int:
    kernel = world.kernel
    return await kernel.write.write(cpu, kernel.files[op.file], op.offset, buffer)


async def read(world: World, cpu: Cpu, op: Read, buffer: UserBuffer) -> int:
    kernel = world.kernel
    return await kernel.read.read(cpu, kernel.files[op.file], op.offset, buffer)


async def readahead(world: World, _cpu: Cpu, op: Readahead, _: None) -> int:
    kernel = world.kernel
    return await kernel.readahead.read_ahead(kernel.files[op.file], op.first, op.pages)


async def truncate(world: World, cpu: Cpu, op: Truncate, _: None) -> int:
    kernel = world.kernel
    return await kernel.truncate.truncate(cpu, kernel.files[op.file], op.size)


async def punch(world: World, cpu: Cpu, op: Punch, _: None) -> int:
    kernel = world.kernel
    return await kernel.punch.punch(cpu, kernel.files[op.file], op.first, op.pages)


async def fsync(world: World, cpu: Cpu, op: Fsync, _: None) -> int:
    kernel = world.kernel
    return await kernel.writeback.fsync(cpu, kernel.files[op.file])


TABLE: Table = {
    Write: write,
    Read: read,
    Readahead: readahead,
    Truncate: truncate,
    Punch: punch,
    Fsync: fsync,
}
