"""Where one curve of costs crosses another."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

_NOTABLE = 0.02
"""Curves that are closer than this share of their value count as one."""


class Crossing(Struct, frozen=True):
    """From ``at`` on (as far as the next crossing) ``cheaper`` costs less than ``dearer``.

    ``ns`` is what both cost there. ``parting``: before, they were as good as equal.
    """

    at: float
    ns: float
    cheaper: str
    dearer: str
    parting: bool = False


def crossings(
    xs: Sequence[float],
    first: Sequence[float],
    second: Sequence[float],
    names: tuple[str, str],
    *,
    steps: bool = False,
) -> list[Crossing]:
    """Every place where the curves ``first`` and ``second`` over ``xs`` change places, or part.

    They are taken as straight between their points; with ``steps``, as changing at them.
    """
    found = []
    last = 0
    side = 0
    for i, (a, b) in enumerate(zip(first, second, strict=True)):
        now = _side(a, b)
        if now and now != side and (side or i):
            at, ns = _between(xs, first, second, last, i) if not steps else (xs[i], min(a, b))
            cheaper, dearer = names if now < 0 else names[::-1]
            found.append(Crossing(round(at, 2), round(ns, 2), cheaper, dearer, not side))
        side = now or side
        if now or not side:
            last = i
    return found


def _side(a: float, b: float) -> int:
    if abs(a - b) <= _NOTABLE * max(a, b):
        return 0
    return 1 if a > b else -1


def _between(
    xs: Sequence[float], first: Sequence[float], second: Sequence[float], i: int, j: int
) -> tuple[float, float]:
    """Where the straight lines from point ``i`` to point ``j`` meet."""
    before, after = first[i] - second[i], first[j] - second[j]
    share = before / (before - after) if before * after < 0 else 0.0
    return xs[i] + share * (xs[j] - xs[i]), first[i] + share * (first[j] - first[i])
