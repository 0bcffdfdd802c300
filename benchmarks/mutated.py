"""A pytest plugin: the tests see the kernel without the action that :data:`VARIABLE` names.

``FUZZCOPY_MUTANT="Mapping.mlock: with space.mmap_lock.write" pytest -p benchmarks.mutated ...``
"""

from __future__ import annotations

import os

VARIABLE = "FUZZCOPY_MUTANT"


def pytest_sessionstart() -> None:
    """Only now: Hypothesis minds who loads strategies before its own plugin."""
    from benchmarks.mutation import all_mutants, install, let_go_of_anything

    mutant = all_mutants()[os.environ[VARIABLE]]
    if mutant.kind == "lock":
        let_go_of_anything()
    install(mutant)
