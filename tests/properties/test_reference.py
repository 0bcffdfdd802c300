"""The kernels that are correct: nothing is found on them, however long one looks.

How long that is says the active Hypothesis profile; `deep` is for this. A design is the reference
but for one path, so that each has fewer programs.
"""

import pytest

from fuzzcopy import Kernel, fuzz_test
from fuzzcopy.designs import Design, designs

from .few import few

test_reference = fuzz_test(Kernel, save_to=None)


@pytest.mark.slow
@pytest.mark.parametrize("design", designs().values(), ids=list(designs()))
def test_design(design: type[Design]) -> None:
    fuzz_test(design, settings=few, save_to=None)()
