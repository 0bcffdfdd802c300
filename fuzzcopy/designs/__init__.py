"""Correct ways to move bytes between user memory and a page cache, besides the reference's.

A module here holds subclasses of :class:`Design`; the folder is the list. They are kernels like
any other: ``fuzzcopy fuzz NAME`` searches one, ``fuzzcopy compare`` holds them against each other.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from fuzzcopy.designs.design import Design as Design


@cache
def designs() -> dict[str, type[Design]]:
    """Every design by its name, in the order of their names."""
    found = {}
    for module in pkgutil.iter_modules(__path__):
        contents = vars(importlib.import_module(f"{__name__}.{module.name}"))
        for value in contents.values():
            if isinstance(value, type) and issubclass(value, Design) and value is not Design:
                found[value.name] = value
    return dict(sorted(found.items()))
