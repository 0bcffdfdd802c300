"""The user memory of a program: mapping slots at fixed addresses, far from everything else."""

from __future__ import annotations

import errno

from fuzzcopy.host import syscalls as sys
from fuzzcopy.host.scale import HOST_PAGE
from fuzzcopy.kernel import slot_page
from fuzzcopy.scenario import MappingSpec, Mmap

BASE = 1 << 44
"""Where virtual page 0 is; no kernel puts anything there of its own accord."""

SLOTS = 16
_SPAN = slot_page(SLOTS) * HOST_PAGE


def address_of(slot: int, offset: int = 0) -> int:
    """The address of byte ``offset`` of mapping ``slot``."""
    return BASE + slot_page(slot) * HOST_PAGE + offset


class Memory:
    """Maps, loads and stores; what cannot be had is ``-EFAULT`` instead of a signal."""

    def __init__(self) -> None:
        taken = sys.mmap(
            BASE,
            _SPAN,
            sys.PROT_NONE,
            sys.MAP_PRIVATE | sys.MAP_ANONYMOUS | sys.MAP_NORESERVE | sys.MAP_FIXED_NOREPLACE,
        )
        if taken != BASE:
            raise OSError(errno.ENOMEM, "the addresses that programs use are taken here")
        self.clear()

    def clear(self) -> None:
        """Unmap everything."""
        sys.munmap(BASE, _SPAN)

    def map(self, spec: MappingSpec | Mmap, fd: int, *, populate: bool = False) -> int:
        """Map ``spec``. Returns 0 or a negative errno."""
        prot = sys.PROT_READ | (sys.PROT_WRITE if spec.writable else 0)
        flags = sys.MAP_FIXED | (sys.MAP_POPULATE if populate else 0)
        shared = spec.shared and spec.file is not None
        flags |= sys.MAP_SHARED if shared else sys.MAP_PRIVATE
        first = spec.first
        if spec.file is None:
            flags |= sys.MAP_ANONYMOUS
            fd, first = -1, 0
        address = address_of(spec.slot)
        result = sys.mmap(address, spec.pages * HOST_PAGE, prot, flags, fd, first * HOST_PAGE)
        return min(result, 0)

    def load(self, address: int, length: int) -> tuple[int, bytes]:
        """Load by this CPU, after each page is known to be there: the result, and the bytes."""
        loaded = b""
        for at, n in pieces(address, length):
            if sys.read_own(at, 1) is None:
                return -errno.EFAULT, loaded
            loaded += sys.load(at, n)
        return length, loaded

    def store(self, address: int, data: bytes) -> int:
        """Store by this CPU, after the first byte of each page was stored by the kernel."""
        done = 0
        for at, n in pieces(address, len(data)):
            part = data[done : done + n]
            if sys.write_own(at, part[:1]) < 0:
                return -errno.EFAULT
            sys.store(at, part)
            done += n
        return done

    def pages(self, slots: list[int], count: int) -> dict[int, bytes | None]:
        """The pages of ``slots`` (``count`` each), by virtual page number."""
        seen: dict[int, bytes | None] = {}
        for slot in slots:
            whole = sys.read_own(address_of(slot), count * HOST_PAGE)
            for p in range(count):
                at = p * HOST_PAGE
                seen[slot_page(slot) + p] = (
                    whole[at : at + HOST_PAGE]
                    if whole is not None
                    else sys.read_own(address_of(slot, at), HOST_PAGE)
                )
        return seen


def pieces(address: int, length: int) -> list[tuple[int, int]]:
    """(address, bytes) parts of a range, none across a page."""
    parts = []
    while length > 0:
        n = min(length, HOST_PAGE - address % HOST_PAGE)
        parts.append((address, n))
        address += n
        length -= n
    return parts
