"""Other programs about the same as some."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

from fuzzcopy.scenario import Scenario
from fuzzcopy.strategies.scenarios import scenarios


def alike(models: Sequence[Scenario], *, cpus: int = 3) -> st.SearchStrategy[Scenario]:
    """Scenarios of up to ``cpus`` CPUs, each with the theme of one of ``models``.

    Where :func:`variations` change a detail, these have nothing else in common with it.
    """
    return scenarios(cpus=cpus, like=models)
