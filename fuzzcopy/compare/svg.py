"""A line chart as SVG, drawn with the colours that the page's style sheet gives it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from fuzzcopy.compare.curves import Crossing

WIDTH, HEIGHT = 720, 400
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 190, 16, 52
_LINE = 15
"""Pixels between the names at the right edge."""
_LEAST = 1.0
"""Nanoseconds; what takes less, or nothing, is drawn there: a logarithm has no place for it."""

COLOURS = 8
DASHES = ("", "7 4", "2 3", "10 3 2 3")


class Chart:
    """Curves over common ``xs``, nanoseconds upwards on a logarithmic scale."""

    def __init__(
        self,
        title: str,
        unit: str,
        xs: Sequence[float],
        curves: Sequence[tuple[str, Sequence[float]]],
        crossings: Sequence[Crossing],
        *,
        logarithmic: bool,
    ) -> None:
        self._title, self._unit = title, unit
        self._xs, self._curves, self._crossings = xs, curves, crossings
        self._logarithmic = logarithmic
        values = [max(y, _LEAST) for _, ys in curves for y in ys]
        self._low = math.log10(min(values) / 1.3)
        self._high = math.log10(max(values) * 1.3)

    def svg(self) -> str:
        """The chart, as one element."""
        parts = [
            f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(self._title)}">',
            *self._grid(),
            *[self._curve(i, name, ys) for i, (name, ys) in enumerate(self._curves)],
            *self._names(),
            *[self._mark(crossing) for crossing in self._crossings],
            "</svg>",
        ]
        return "\n".join(parts)

    def _x(self, x: float) -> float:
        first, last = self._xs[0], self._xs[-1]
        if self._logarithmic:
            x, first, last = math.log2(x), math.log2(first), math.log2(last)
        return _LEFT + (x - first) / (last - first) * (WIDTH - _LEFT - _RIGHT)

    def _y(self, y: float) -> float:
        share = (math.log10(max(y, _LEAST)) - self._low) / (self._high - self._low)
        return HEIGHT - _BOTTOM - share * (HEIGHT - _TOP - _BOTTOM)

    def _grid(self) -> list[str]:
        parts = []
        right, bottom = WIDTH - _RIGHT, HEIGHT - _BOTTOM
        for y in self._ticks():
            at = self._y(y)
            parts.append(f'<path class="grid" d="M{_LEFT} {at:.1f}H{right}"/>')
            parts.append(
                f'<text class="axis" x="{_LEFT - 8}" y="{at + 4:.1f}" text-anchor="end">'
                f"{y:,}</text>"
            )
        for x in self._xs:
            at = self._x(x)
            parts.append(f'<path class="grid" d="M{at:.1f} {_TOP}V{bottom}"/>')
            parts.append(
                f'<text class="axis" x="{at:.1f}" y="{bottom + 18}" text-anchor="middle">'
                f"{x:g}</text>"
            )
        middle = (_LEFT + right) / 2
        parts.append(
            f'<text class="axis" x="{middle}" y="{HEIGHT - 12}" text-anchor="middle">'
            f"{escape(self._unit)}</text>"
        )
        parts.append(f'<text class="axis" x="4" y="{_TOP - 4}">ns</text>')
        return parts

    def _ticks(self) -> list[int]:
        ticks = [
            factor * 10**power
            for power in range(math.floor(self._low), math.ceil(self._high) + 1)
            for factor in (1, 2, 5)
        ]
        return [int(t) for t in ticks if self._low <= math.log10(t) <= self._high]

    def _curve(self, i: int, name: str, ys: Sequence[float]) -> str:
        points = " ".join(
            f"{self._x(x):.1f},{self._y(y):.1f}" for x, y in zip(self._xs, ys, strict=True)
        )
        return (
            f'<polyline class="line c{i % COLOURS}" stroke-dasharray="{DASHES[i % len(DASHES)]}" '
            f'points="{points}"><title>{escape(name)}</title></polyline>'
        )

    def _names(self) -> list[str]:
        """Each curve's name at its right end, moved apart where they would cover each other."""
        ends = sorted((self._y(ys[-1]), i) for i, (_, ys) in enumerate(self._curves))
        places: list[float] = []
        for y, _ in ends:
            places.append(max(y, places[-1] + _LINE) if places else y)
        below: float = HEIGHT - _BOTTOM + _LINE
        for i in reversed(range(len(places))):
            below = places[i] = min(places[i], below - _LINE)
        right = WIDTH - _RIGHT
        parts = []
        for (y, i), place in zip(ends, places, strict=True):
            parts.append(
                f'<path class="line thin c{i % COLOURS}" '
                f'd="M{right} {y:.1f}L{right + 12} {place:.1f}"/>'
            )
            parts.append(
                f'<text class="name f{i % COLOURS}" x="{right + 16}" y="{place + 4:.1f}">'
                f"{escape(self._curves[i][0])}</text>"
            )
        return parts

    def _mark(self, crossing: Crossing) -> str:
        x, y = self._x(crossing.at), self._y(crossing.ns)
        text = escape(f"{crossing.cheaper} is cheaper than {crossing.dearer} from here on")
        return (
            f'<circle class="crossing" cx="{x:.1f}" cy="{y:.1f}" r="5"><title>{text}</title>'
            "</circle>"
        )
