"""Gate locks: what a common exclusive lock serialises cannot hang.

The observations that make a cycle may come from different runs and be about different objects.
They hang together only if each wants the very object that the next one holds; so the operations
are thought to be aimed again, at objects that fit. Whatever else they hold moves with them: the
inode lock of the file whose page it is, is then the inode lock of *that* file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from itertools import combinations

from fuzzcopy.lockorder.dependency import ANY, Edge, Hold

_Object = tuple[int, str]
"""An object as one of the observations calls it: number of the observation, root of the name."""


def serialised(cycle: Sequence[Edge], names: Mapping[str, Set[str]]) -> bool:
    """Whether two of the edges need one lock that cannot be held twice.

    ``names`` are the names seen of each class: an object that the cycle does not determine could
    be another one each time, unless there is only one.
    """
    same = _unified(cycle)
    for (i, one), (j, other) in combinations(enumerate(cycle), 2):
        for a in one.dependency.holds:
            for b in other.dependency.holds:
                if a.kind != b.kind or (a.shared and b.shared) or _is_part(a) or _is_part(b):
                    continue
                x, y = (i, a.root), (j, b.root)
                if x in same and y in same:
                    if same[x] == same[y]:
                        return True
                elif a.name == b.name and len(names.get(a.kind, ())) == 1:
                    return True
    return False


def _is_part(hold: Hold) -> bool:
    """One of many of an object's locks (a page's): it can always be another one."""
    return hold.name == ANY or hold.name != hold.root


def _unified(cycle: Sequence[Edge]) -> dict[_Object, _Object]:
    """Of each object that the cycle determines, the one that stands for it."""
    same: dict[_Object, _Object] = {}

    def find(item: _Object) -> _Object:
        while same.setdefault(item, item) != item:
            item = same[item]
        return item

    for i, edge in enumerate(cycle):
        j = (i + 1) % len(cycle)
        wanted, held = edge.wanted, cycle[j].hold
        if ANY not in (wanted.name, held.name):
            same[find((i, wanted.root))] = find((j, held.root))
    return {item: find(item) for item in list(same)}
