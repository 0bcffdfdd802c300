"""Where a byte came from: the packing of cells and the table of their origins."""

from __future__ import annotations

from dataclasses import dataclass

POSITION = 8
ORIGIN = 32
GARBAGE = 1 << 56
ZERO = 0

_MASK = 0xFFFFFF

BOOT = 1
"""The origin of what frames hold when the machine starts."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What put a byte into the world: ``kind`` (``store``, ``disk``, ...) and ``what``."""

    kind: str
    what: str


def pattern(origin: int, length: int, start: int = 0) -> list[int]:
    """``length`` cells of ``origin`` from position ``start``, no two alike."""
    base = origin << ORIGIN
    return [
        base | i << POSITION | (origin * 31 + i + 1) & 0xFF for i in range(start, start + length)
    ]


def is_garbage(cells: list[int]) -> bool:
    """Whether any of ``cells`` is left over from a previous life of its frame or block."""
    return bool(cells) and max(cells) >= GARBAGE


def origin(cell: int) -> int:
    """The number of its origin."""
    return cell >> ORIGIN & _MASK


def value(cell: int) -> int:
    """The byte itself, 0 to 255."""
    return cell & 0xFF


class Origins:
    """The origins of one scenario: numbers are given in the order of :meth:`add`."""

    def __init__(self) -> None:
        self._table = [Origin("zero", "zero"), Origin("boot", "what memory held at boot")]

    def add(self, kind: str, what: str) -> int:
        """Enter a new origin and return its number."""
        self._table.append(Origin(kind, what))
        return len(self._table) - 1

    def names(self) -> list[str]:
        """What each origin is, by its number."""
        return [origin.what for origin in self._table]

    def of(self, cell: int) -> Origin:
        """The origin of ``cell``."""
        return self._table[origin(cell)]

    def describe(self, cell: int) -> str:
        """``byte 3 of store by cpu0``, with a word if it is left over from a previous life."""
        if cell == ZERO:
            return "an explicit zero"
        origin = self.of(cell)
        text = f"byte {cell >> POSITION & _MASK} of {origin.what}"
        return f"{text} (left over from before)" if cell & GARBAGE else text
