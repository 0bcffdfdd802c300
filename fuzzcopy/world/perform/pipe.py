"""System calls on the scenario's pipe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fuzzcopy.scenario import PipeRead, PipeWrite, Splice
from fuzzcopy.world.perform.table import Table

if TYPE_CHECKING:
    from fuzzcopy.kernel import UserBuffer
    from fuzzcopy.machine import Cpu
    from fuzzcopy.world.world import World


async def pipe_write(world: World, cpu: Cpu, _op: PipeWrite, buffer: UserBuffer) -> int:
    kernel = world.kernel
    return await kernel.pipe_io.write(cpu, kernel.pipes[0], buffer)


async def pipe_read(world: World, cpu: Cpu, _op: PipeRead, buffer: UserBuffer) -> int:
    kernel = world.kernel
    return await kernel.pipe_io.read(cpu, kernel.pipes[0], buffer)


async def splice(world: World, _cpu: Cpu, op: Splice, _: None) -> int:
    kernel = world.kernel
    return await kernel.splice.to_pipe(kernel.files[op.file], op.offset, op.length, kernel.pipes[0])


TABLE: Table = {PipeWrite: pipe_write, PipeRead: pipe_read, Splice: splice}
