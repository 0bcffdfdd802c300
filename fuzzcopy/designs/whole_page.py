"""What can change hands instead of being copied: a whole page of a process's own memory."""

from __future__ import annotations

from fuzzcopy.kernel import AddressSpace, Kernel, UserBuffer, Vma
from fuzzcopy.machine import Cpu


def aligned_page(kernel: Kernel, cpu: Cpu, buffer: UserBuffer, position: int) -> int | None:
    """The virtual page that is all of what comes next in ``buffer``, or ``None``.

    A page with a part that faults although it is mapped (memory tags) does not count: no page of
    a file can be shown in its place.
    """
    machine = kernel.machine
    size = machine.page_size
    address, rest = buffer.locate(position)
    if address % size or rest < size:
        return None
    table = kernel.space_of(cpu).table
    chunks = range(address, address + size, machine.chunk)
    if any(machine.mmu.is_poisoned(table, chunk) for chunk in chunks):
        return None
    return address // size


async def own_memory(space: AddressSpace, vpn: int, *, writable: bool) -> Vma | None:
    """The anonymous mapping at ``vpn``, if there is one; ``writable`` if it must be.

    The caller holds the mmap lock.
    """
    vma = await space.find(vpn)
    if vma is None or vma.file is not None or (writable and not vma.writable):
        return None
    return vma
