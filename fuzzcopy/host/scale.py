"""From the model's small pages to the machine's, and back to what its bytes should be.

A drawn program has all its edges near the middle or the ends of a page: a few bytes before or
after. So a model offset ``32 q + c`` with small ``c`` becomes the host offset ``2048 q + c``. As
long as no ``c`` leaves its half of the range, that map keeps sums and order, so that the same
program does the same on both: the bytes between two edges of the model stand for the bytes between
the two edges of the host.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from hashlib import shake_256
from zlib import crc32

from fuzzcopy.machine import ZERO
from fuzzcopy.machine.provenance import ORIGIN, POSITION
from fuzzcopy.scenario import Scenario, encode

MODEL_PAGE = 64
"""The model's page size, in bytes: a page edge may be missed by up to 15 bytes."""

HOST_PAGE = 4096
"""The page size of the machines that host mode runs on, in bytes."""

_MODEL_HALF = MODEL_PAGE // 2
_HOST_HALF = HOST_PAGE // 2
_SLACK = _MODEL_HALF // 2
_NEAR = 2
_POOL = shake_256(b"fuzzcopy").digest(1 << 22)
_POSITION_MASK = (1 << ORIGIN - POSITION) - 1


@cache
def to_host(offset: int) -> int:
    """The host's byte offset, or number of bytes, for the model's."""
    halves, rest = divmod(offset + _SLACK, _MODEL_HALF)
    return halves * _HOST_HALF + rest - _SLACK


def can_be_scaled(scenario: Scenario) -> bool:
    """Whether every edge is near the middle or an end of a page, so that sums stay in range."""
    numbers = [file.size for file in scenario.files]
    for cpu in scenario.cpus:
        for operation in cpu.program:
            for part in (operation, *getattr(operation, "buffer", ())):
                numbers += [getattr(part, name, 0) for name in ("offset", "length", "size")]
    return all(abs((number + _SLACK) % _MODEL_HALF - _SLACK) <= _NEAR for number in numbers)


def made(origin: int, start: int, length: int, salt: int = 0) -> bytes:
    """``length`` bytes, from host position ``start``, of what ``origin`` puts into the world.

    ``salt`` is the scenario's: what an earlier one left behind is not taken for this one's. Any
    four in a row tell the origin and the position, nearly always.
    """
    base = (origin * 200_003 + salt) % (31 << 17) + start
    return _POOL[base : base + length]


def salt_of(scenario: Scenario) -> int:
    """A number that hardly any other scenario has."""
    return crc32(encode(scenario))


def host_bytes(cells: Sequence[int], start: int = 0, salt: int = 0) -> bytes:
    """The host's bytes for the model's ``cells``, which begin at model offset ``start``."""
    parts = []
    low, count = 0, len(cells)
    while low < count:
        first = cells[low]
        step = 0 if first == ZERO else 1 << POSITION
        high = low + 1
        while high < count and _follows(cells[high], first, (high - low), step):
            high += 1
        length = to_host(start + high) - to_host(start + low)
        if first == ZERO:
            parts.append(bytes(length))
        else:
            position = first >> POSITION & _POSITION_MASK
            parts.append(made(first >> ORIGIN & 0xFFFFFF, to_host(position), length, salt))
        low = high
    return b"".join(parts)


def _follows(cell: int, first: int, distance: int, step: int) -> bool:
    """Whether ``cell`` is the byte ``distance`` after ``first`` in the same origin."""
    return cell >> POSITION == (first >> POSITION) + (distance if step else 0)
