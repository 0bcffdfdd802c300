"""Modules that lie beside a file, while it is imported.

``python file.py`` finds them, so a file that is named on the command line may import them, too.
Only while it is imported: nobody else shall find them, and what a function imports later must have
been imported by then.

Two files in two directories may each have a ``helpers.py``, and each gets its own: what a file has
imported from beside it is forgotten before a file elsewhere is; who has it, keeps it. A module of
that name from anywhere else stays, and is what is found, as ever in Python.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import ModuleType

_known: dict[str, tuple[Path, ModuleType]] = {}
"""What was imported from beside files, by its name, and from which directory."""


@contextmanager
def importable(directory: Path) -> Iterator[None]:
    """Within, modules in ``directory`` are found before any others."""
    for name, (where, module) in _known.items():
        if where != directory and sys.modules.get(name) is module:
            for other in [*sys.modules]:
                if other == name or other.startswith(f"{name}."):
                    del sys.modules[other]
    before = {*sys.modules}
    sys.path.insert(0, str(directory))
    try:
        yield
    finally:
        for name in {*sys.modules} - before:
            if _is_in(directory, name, sys.modules[name]):
                _known[name] = directory, sys.modules[name]
        with suppress(ValueError):  # whoever was imported may have changed it
            sys.path.remove(str(directory))


def _is_in(directory: Path, name: str, module: ModuleType) -> bool:
    file = getattr(module, "__file__", None)
    if file is None:  # a package without __init__.py, which finds its places by sys.path
        return str(directory / name) in getattr(module, "__path__", ())
    return file in (str(directory / f"{name}.py"), str(directory / name / "__init__.py"))
