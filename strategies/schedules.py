"""Schedules to run a scenario under."""

from __future__ import annotations

from hypothesis import strategies as st

from fuzzcopy.sched import Policy, Sparse


@st.composite
def schedules(draw: st.DrawFn, *, steps: int = 100, switches: int = 3) -> Policy:
    """One schedule: up to ``switches`` deviations from the default in the first ``steps`` points.

    Shrinks towards the default. A drawn policy can be used for one run.
    """
    tape = draw(st.dictionaries(st.integers(0, steps - 1), st.integers(1, 4), max_size=switches))
    return Sparse(tape)
