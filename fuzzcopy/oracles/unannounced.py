"""What a call moved without a word: seen by what its buffer holds when it is over."""

from __future__ import annotations

from fuzzcopy.kernel import AddressSpace, UserBuffer
from fuzzcopy.machine import ZERO, Cells
from fuzzcopy.oracles.history import UNKNOWN


def held(space: AddressSpace, buffer: UserBuffer, count: int, page_size: int) -> Cells:
    """The first ``count`` bytes of ``buffer`` as they are in memory, or ``UNKNOWN``.

    Known are those of anonymous memory that a page-table entry shows: a mapping of a file changes
    with the file, and what no entry shows may be brought in later.
    """
    cells: Cells = []
    for address, n in buffer.runs(0, count, page_size, page_size):
        vpn, start = divmod(address, page_size)
        vma, entry = space.peek(vpn), space.table.entries.get(vpn)
        if vma is None or vma.file is not None or entry is None:
            cells += [UNKNOWN] * n
        else:
            cells += entry.frame.cells[start : start + n]
    return cells


def read_into(space: AddressSpace, buffer: UserBuffer, count: int, page_size: int) -> Cells:
    """What a read that nothing disturbed has delivered; nothing is known if parts overlap."""
    runs = buffer.runs(0, count, page_size, page_size)
    if len({at for address, n in runs for at in range(address, address + n)}) < count:
        return [UNKNOWN] * count
    return held(space, buffer, count, page_size)


def written_from(space: AddressSpace, buffer: UserBuffer, count: int, page_size: int) -> Cells:
    """What a write that nothing disturbed has taken.

    A zero says nothing: under MADV_FREE it may have come there in the meantime.
    """
    return [cell if cell != ZERO else UNKNOWN for cell in held(space, buffer, count, page_size)]
