"""The field's history: one real bug per module, found by its name.

A module here holds one subclass of :class:`Bug`; the folder is the catalogue.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from fuzzcopy.bugs.bug import Bug as Bug


@cache
def catalogue() -> dict[str, type[Bug]]:
    """Every bug by its name, in the order of their names."""
    found = {}
    for module in pkgutil.iter_modules(__path__):
        if module.name != "bug":
            contents = vars(importlib.import_module(f"{__name__}.{module.name}"))
            for value in contents.values():
                if isinstance(value, type) and issubclass(value, Bug) and value is not Bug:
                    found[value.name] = value
    return dict(sorted(found.items()))
