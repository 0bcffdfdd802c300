"""Orders in which the kernel's paths take their locks."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from typing import Any

from hypothesis import strategies as st

from fuzzcopy.scenario import PATHS, Orders
from fuzzcopy.scenario.orders import ARRANGED, ARRANGEMENTS, impossible

_POSSIBLE: dict[str, Sequence[tuple[str, ...]]] = {
    path: [order for order in permutations(documented) if not impossible(path, order)]
    for path, documented in PATHS.items()
}
"""Of each path every order that it could have, the documented one first."""


@st.composite
def lock_orders(draw: st.DrawFn, *, paths: int = 1) -> Orders:
    """Up to ``paths`` paths take their locks in another order than the documented one.

    Any order in which each object is found before its lock is taken is as likely as any other;
    several objects of one class are locked ascending, descending, or as the operation names them.
    """
    names = [*_POSSIBLE, *ARRANGEMENTS]
    changed: dict[str, Any] = {}
    for _ in range(draw(st.integers(0, paths))):
        name = draw(st.sampled_from(names))
        changed[name] = draw(st.sampled_from(_POSSIBLE.get(name, ARRANGED)))
    return Orders(**changed)
