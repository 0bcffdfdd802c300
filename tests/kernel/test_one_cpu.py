"""One CPU: every result and every byte is what a file system made of arrays says.

Two things are left open by ``model.py``: what was stored through a mapping past the end of the
file (there or not when the file grows), and whether ``reclaim``, ``migrate`` and ``invalidate``
succeed, as they only move bytes between cache and disk.
"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fuzzcopy import Kernel
from fuzzcopy.oracles import ALL
from fuzzcopy.runner import find_failure
from fuzzcopy.scenario import Scenario
from fuzzcopy.sched import Sparse
from fuzzcopy.strategies import scenarios

from .follow import Follow, predictable


def alone(page_size: int, chunk: int) -> st.SearchStrategy[Scenario]:
    """One CPU, and a long program."""
    drawn = scenarios(cpus=1, operations=9, page_size=page_size, chunk=chunk)
    return drawn.map(predictable)


SIZES = st.sampled_from([(16, 8), (16, 4), (8, 8), (32, 16)])


@pytest.mark.slow
@settings(max_examples=600, deadline=None)
@given(scenario=SIZES.flatmap(lambda sizes: alone(*sizes)))
def test_a_program_alone_sees_what_the_model_says(scenario):
    found = find_failure(Kernel, scenario, [Sparse({})], oracles=(*ALL, Follow))
    assert found is None, found.failure
