"""In which order the paths of the kernel take their locks, where it is not the documented order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, get_args

from msgspec import Struct
from msgspec.structs import asdict, fields

Which = Literal["ascending", "descending", "given"]
"""Of several objects of one class: in the order of their numbers, against it, or as the operation
names them."""


class Orders(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The classes of locks that each path takes, outermost first.

    A path that is given another order takes a lock *early*: just before the first one that now
    comes after it, and holds it as long as that one. ``mmap`` among the locks of ``write`` stands
    for the page faults on the buffer: what comes before it is held while they are handled.
    """

    write: tuple[str, ...] = ("inode", "mmap", "fs", "page")
    fault: tuple[str, ...] = ("mmap", "invalidate", "fs", "page", "ptl")
    truncate: tuple[str, ...] = ("inode", "invalidate", "page", "rmap", "ptl")
    punch: tuple[str, ...] = ("inode", "invalidate", "page", "rmap", "ptl")
    writeback: tuple[str, ...] = ("page", "rmap", "ptl")
    reclaim: tuple[str, ...] = ("page", "rmap", "ptl")
    fork: Which = "ascending"
    """The mmap locks of parent and child."""

    def __bool__(self) -> bool:
        """Whether any is not the documented one."""
        return self != Orders()

    def changed(self) -> dict[str, tuple[str, ...]]:
        """The paths that take their locks in another order than the documented one, and which."""
        return {
            path: order
            for path, order in asdict(self).items()
            if isinstance(order, tuple) and order != PATHS[path]
        }

    def __str__(self) -> str:
        changes = [f"{path}: {' -> '.join(order)}" for path, order in self.changed().items()]
        changes += [
            f"{name}: {value}"
            for name, value in asdict(self).items()
            if name in ARRANGEMENTS and value != ARRANGED[0]
        ]
        return "; ".join(changes)

    def problem(self) -> str:
        """Why no kernel could have these orders; empty if one could."""
        if not self:
            return "orders must be left out if they are all as documented"
        for path, order in self.changed().items():
            if sorted(order) != sorted(PATHS[path]):
                return f"orders.{path} must be {', '.join(PATHS[path])} in some order"
            reason = impossible(path, order)
            if reason:
                return f"orders.{path}: {reason}"
        return ""


PATHS: Mapping[str, tuple[str, ...]] = {
    field.name: field.default for field in fields(Orders) if isinstance(field.default, tuple)
}
"""The paths that take locks of several classes, and their documented orders."""

ARRANGEMENTS: Mapping[str, str] = {"fork": "mmap"}
"""The paths that lock several objects of one class, and which class that is."""

ARRANGED: tuple[Which, ...] = get_args(Which)
"""The orders among objects of one class, the documented one first."""

_MAPPING = "which file's pages are mapped at an address is found under the mmap lock"
_SHOWN = "which page tables show a page is found under the file's reverse-map lock"

_FOUND_UNDER = (
    ("fault", "mmap", "invalidate", _MAPPING),
    ("fault", "mmap", "fs", _MAPPING),
    ("fault", "mmap", "page", _MAPPING),
    ("truncate", "rmap", "ptl", _SHOWN),
    ("punch", "rmap", "ptl", _SHOWN),
    ("writeback", "rmap", "ptl", _SHOWN),
    ("reclaim", "rmap", "ptl", _SHOWN),
)


def impossible(path: str, order: Sequence[str]) -> str:
    """Why ``path`` cannot take its locks in this order; empty if it can."""
    for where, under, found, reason in _FOUND_UNDER:
        if where == path and order.index(found) < order.index(under):
            return reason
    return ""


def early(path: str, order: Sequence[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The classes that ``path`` takes locks of early in this order, and before which other one."""
    taken: list[str] = []
    for kind in PATHS[path]:
        if kind not in taken:
            before = tuple(k for k in order[: order.index(kind)] if k not in taken)
            if before:
                yield kind, before
            taken += [*before, kind]
