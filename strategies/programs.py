"""Programs: what one CPU does."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

from fuzzcopy.scenario import Operation
from fuzzcopy.strategies import (
    direct,
    io,
    memory,
    pipe,
    pressure,
    process,
    protect,
    space,
    storage,
)
from fuzzcopy.strategies.surroundings import Draw, Maker, Surroundings
from fuzzcopy.strategies.theme import PLAIN, TOUCHING, Theme

_OF_FILES: dict[str, Maker] = {
    **io.MAKERS,
    **direct.MAKERS,
    **pressure.MAKERS,
    **storage.MAKERS,
}
_OF_SPACES: dict[str, Maker] = {
    **memory.MAKERS,
    **process.MAKERS,
    **protect.MAKERS,
    **space.MAKERS,
}
_USUAL: dict[str, Maker] = {**_OF_FILES, **_OF_SPACES, **pipe.MAKERS}
_MAKERS: dict[str, Maker] = {**_USUAL, **memory.ASKED_FOR}

_WEIGHTS = {"write": 4, "read": 2, "store": 2}

KINDS = tuple(_USUAL)
"""The kinds of operation, by the names they have in JSON."""

COPYING = ("write", "read", "directread", "directwrite", "pipewrite", "piperead")
"""The kinds that copy between user memory and something else."""


@st.composite
def dealt_programs(
    draw: Draw, *, surroundings: Sequence[Surroundings], operations: int, theme: Theme
) -> list[tuple[Operation, ...]]:
    """A program of one to ``operations`` operations for each CPU, given its ``surroundings``.

    Without a theme to concentrate on, each CPU draws for itself. Else there are few operations
    altogether: every kind that the theme deals goes to some CPU, in any order, and one or two more
    are added. Most CPUs begin and end with the same plain access: what one has learnt from it
    before (a translation, a page) need not hold any more after what happens in between.
    """
    if not theme.narrow:
        return [
            draw(programs(surroundings=at, operations=operations, kinds=theme.kinds))
            for at in surroundings
        ]
    width = len(surroundings)
    touching = [kind for kind in theme.kinds if kind in TOUCHING] or theme.kinds
    # A copy before and after would hide what went wrong in the one in between.
    accesses = _weighted([kind for kind in touching if kind in PLAIN] or touching)
    any_kind = [*_weighted(theme.kinds), *accesses]
    hands: list[list[Operation]] = [[] for _ in surroundings]

    def deal(kind: str) -> None:
        cpu = draw(st.integers(0, width - 1)) if width > 1 else 0
        if len(hands[cpu]) >= operations:
            return
        place = draw(st.integers(0, len(hands[cpu]))) if hands[cpu] else 0
        hands[cpu].insert(place, _MAKERS[kind](draw, surroundings[cpu]))

    for kind in theme.dealt:
        deal(kind)
    for _ in range(draw(st.integers(0, 2))):
        deal(any_kind[draw(st.integers(0, len(any_kind) - 1))])
    for cpu, hand in enumerate(hands):
        fits = not hand or (not theme.dealt and operations > 1) or len(hand) <= operations - 2
        if not fits or (hand and not draw(st.integers(0, 3))):
            continue
        kind = accesses[draw(st.integers(0, len(accesses) - 1))]
        access = _MAKERS[kind](draw, surroundings[cpu])
        if not hand:
            hands[cpu] = [access] * min(draw(st.integers(1, 2)), operations)
        else:
            hands[cpu] = [access, *hand[: operations - 2], access]
    return [tuple(hand) for hand in hands]


@st.composite
def programs(
    draw: Draw,
    *,
    surroundings: Surroundings,
    operations: int = 3,
    kinds: Sequence[str] = KINDS,
) -> tuple[Operation, ...]:
    """One to ``operations`` operations of the given ``kinds``."""
    count = draw(st.integers(1, operations))
    weighted = _weighted(kinds)
    choice = st.integers(0, len(weighted) - 1)
    chosen = [weighted[draw(choice)] for _ in range(count)]
    return tuple([_MAKERS[kind](draw, surroundings) for kind in chosen])


def make(kind: str, draw: Draw, surroundings: Surroundings) -> Operation:
    """Draw one operation of a kind."""
    return _MAKERS[kind](draw, surroundings)


def _weighted(kinds: Sequence[str]) -> list[str]:
    """The copy into the page cache is what all this is about: it comes up more often."""
    return [kind for kind in kinds for _ in range(_WEIGHTS.get(kind, 1))]
