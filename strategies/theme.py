"""What an example is about: which kinds of operation, and through which mappings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from hypothesis import strategies as st

from fuzzcopy.scenario import MappingSpec, Scenario, kind_of
from fuzzcopy.strategies.focus import EVERYTHING, FOCUSES, Sort

TOUCHING = ("store", "write", "read", "load")
"""The kinds that touch user memory."""

PLAIN = ("load", "store")
"""Those of them that do nothing else."""


class Theme(NamedTuple):
    """``kinds`` of operation; those ``dealt`` that some CPU must do; sorts of ``mappings``.

    ``narrow``: they have so much to do with each other that they should meet in one place.
    """

    kinds: Sequence[str]
    dealt: Sequence[str] = ()
    mappings: Sequence[Sort] = EVERYTHING
    narrow: bool = False


@st.composite
def themes(draw: st.DrawFn, kinds: Sequence[str]) -> Theme:
    """A theme made of ``kinds``.

    An eighth of the examples have about half of all kinds (swarm testing). The others have a
    focus, and of its kinds one to three, mostly two or three: each is dealt to some CPU, as what
    needs two operations to meet is found when there is little else to do. Plain accesses are added
    most of the time, as they show that something went wrong; where none is, at least one kind that
    touches user memory.
    """
    # Hypothesis draws large numbers unevenly, so the choices are worked out from a smaller one.
    mask = draw(st.integers(0, (1 << 20) - 1)) * 0x9E3779B97F4A7C15 & (1 << 64) - 1
    if not mask >> 61 or len(kinds) <= 4:
        # Zero, to which it shrinks, is everything.
        return Theme([kind for i, kind in enumerate(kinds) if not mask >> 20 + i & 1] or kinds)
    focus = _WEIGHTED[(mask >> 53 & 0xFF) % len(_WEIGHTED)]
    related = [kind for kind in kinds if kind in focus.kinds] or ([*kinds] if focus.kinds else [])
    count = min((1, 2, 2, 2, 3, 3, 3, 3)[mask >> 50 & 7], len(related))
    chosen = [related.pop(mask // 61**i % len(related)) for i in range(count)]
    accesses: Sequence[str] = PLAIN if count == 0 or mask >> 46 & 3 else ()
    if not accesses and not set(TOUCHING) & set(chosen):
        accesses = TOUCHING[mask >> 44 & 3 :][:1]
    found = [kind for kind in kinds if kind in chosen or kind in accesses]
    return Theme(found or kinds, chosen, focus.mappings, narrow=True)


def theme_of(scenario: Scenario) -> Theme:
    """What a scenario was about, to draw others about the same."""
    kinds = dict.fromkeys(kind_of(op) for cpu in scenario.cpus for op in cpu.program)
    dealt = [kind for kind in kinds if kind not in PLAIN]
    sorts = [_sort(mapping) for space in scenario.spaces for mapping in space.mappings]
    return Theme([*kinds], dealt, sorts or EVERYTHING, narrow=True)


def _sort(mapping: MappingSpec) -> Sort:
    if mapping.file is None:
        return "anonymous"
    if mapping.shared:
        return "shared" if mapping.writable else "shared, read-only"
    return "private" if mapping.writable else "private, read-only"


_WEIGHTED = [focus for focus in FOCUSES.values() for _ in range(focus.weight)]
