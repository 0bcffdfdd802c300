"""System calls on an address space, and the program's own loads and stores."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fuzzcopy.kernel import slot_page
from fuzzcopy.scenario import (
    Lazyfree,
    Load,
    Madvise,
    Mlock,
    Mmap,
    Mprotect,
    Mremap,
    Msync,
    Munmap,
    Store,
)
from fuzzcopy.world.perform.table import Table

if TYPE_CHECKING:
    from fuzzcopy.machine import Cells, Cpu
    from fuzzcopy.world.world import World


async def load(world: World, cpu: Cpu, op: Load, _: None) -> int:
    address = world.plan.address(op.slot, op.offset)
    return await world.kernel.access.load(cpu, address, op.length)


async def store(world: World, cpu: Cpu, op: Store, cells: Cells) -> int:
    return await world.kernel.access.store(cpu, world.plan.address(op.slot, op.offset), cells)


async def mmap(world: World, cpu: Cpu, op: Mmap, _: None) -> int:
    kernel = world.kernel
    vma = world.vma(kernel.space_of(cpu), op)
    return await kernel.mapping.mmap(cpu, vma, populate=op.populate)


async def munmap(world: World, cpu: Cpu, op: Munmap, _: None) -> int:
    kernel = world.kernel
    start = slot_page(op.slot) + op.first
    return await kernel.mapping.munmap(cpu, kernel.space_of(cpu), start, op.pages)


async def madvise(world: World, cpu: Cpu, op: Madvise, _: None) -> int:
    kernel = world.kernel
    start = slot_page(op.slot) + op.first
    return await kernel.mapping.madvise(cpu, kernel.space_of(cpu), start, op.pages)


async def lazyfree(world: World, cpu: Cpu, op: Lazyfree, _: None) -> int:
    kernel = world.kernel
    start = slot_page(op.slot) + op.first
    return await kernel.lazyfree.mark(cpu, kernel.space_of(cpu), start, op.pages)


async def mprotect(world: World, cpu: Cpu, op: Mprotect, _: None) -> int:
    kernel = world.kernel
    space = kernel.space_of(cpu)
    start = slot_page(op.slot) + op.first
    return await kernel.mapping.mprotect(cpu, space, start, op.pages, op.writable)


async def mremap(world: World, cpu: Cpu, op: Mremap, _: None) -> int:
    kernel = world.kernel
    start, to = slot_page(op.slot), slot_page(op.to)
    return await kernel.mapping.mremap(cpu, kernel.space_of(cpu), start, op.pages, to)


async def mlock(world: World, cpu: Cpu, op: Mlock, _: None) -> int:
    kernel = world.kernel
    return await kernel.mapping.mlock(cpu, kernel.space_of(cpu), slot_page(op.slot), op.pages)


async def msync(world: World, cpu: Cpu, op: Msync, _: None) -> int:
    kernel = world.kernel
    start = slot_page(op.slot) + op.first
    return await kernel.mapping.msync(cpu, kernel.space_of(cpu), start, op.pages)


TABLE: Table = {
    Load: load,
    Store: store,
    Mmap: mmap,
    Munmap: munmap,
    Madvise: madvise,
    Lazyfree: lazyfree,
    Mprotect: mprotect,
    Mremap: mremap,
    Mlock: mlock,
    Msync: msync,
}
