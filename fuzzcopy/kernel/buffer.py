"""A user buffer: one or more segments of user memory, at any alignment, empty ones included."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache


class UserBuffer:
    """What ``readv`` and ``writev`` are given; a plain buffer has one segment.

    ``segments`` are pairs of user address and length in bytes; ``length`` is their sum. A
    *position* counts the bytes from the start of the buffer.
    """

    __slots__ = ("_runs", "length", "segments")

    def __init__(self, segments: Sequence[tuple[int, int]]) -> None:
        self.segments = tuple(segments)
        self.length = sum(length for _, length in self.segments)
        self._runs: dict[tuple[int, int, int], tuple[tuple[int, int], ...]] = {}

    def locate(self, position: int) -> tuple[int, int]:
        """The user address of ``position``, and how many bytes its segment has from there on.

        Empty segments are passed over. Raises ``IndexError`` at or past the end.
        """
        for address, length in self.segments:
            if position < length:
                return address + position, length - position
            position -= length
        raise IndexError("position is past the end of the buffer")

    def rest(self, position: int) -> UserBuffer:
        """The buffer from ``position`` on, as one of its own."""
        rest = []
        for address, length in self.segments:
            if position < length:
                rest.append((address + position, length - position))
            position = max(position - length, 0)
        return UserBuffer(rest)

    def runs(
        self, position: int, length: int, limit: int, page_size: int
    ) -> tuple[tuple[int, int], ...]:
        """``length`` bytes from ``position`` as (address, bytes) runs of at most ``limit`` bytes.

        No run crosses a page, nor a multiple of ``limit``: each is one access of the machine.
        """
        grain = min(limit, page_size)
        known = self._runs.get((position, length, grain))
        if known is None:
            # A buffer lives as long as its program, which is run under many schedules.
            known = self._runs[position, length, grain] = self._split(position, length, grain)
        return known

    def _split(self, position: int, length: int, grain: int) -> tuple[tuple[int, int], ...]:
        pieces: list[tuple[int, int]] = []
        while length > 0:
            address, rest = self.locate(position)
            n = min(rest, length)
            pieces += split(address, n, grain)
            position += n
            length -= n
        return tuple(pieces)


@cache
def split(address: int, length: int, grain: int) -> tuple[tuple[int, int], ...]:
    """``length`` bytes at ``address``, cut at every multiple of ``grain``."""
    pieces = []
    while length > 0:
        n = min(length, grain - address % grain)
        pieces.append((address, n))
        address += n
        length -= n
    return tuple(pieces)
