"""fuzzcopy finds the bugs of copy paths between user memory and a page cache.

In Python: derive a kernel from :class:`Kernel`, swap one of its paths, and either ``run`` a
scenario on it or make a test of it with :func:`fuzz_test`.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fuzzcopy.kernel import Kernel as Kernel
    from fuzzcopy.runner import Outcome as Outcome
    from fuzzcopy.runner import run as run
    from fuzzcopy.scenario import Scenario as Scenario
    from fuzzcopy.testing import fuzz_test as fuzz_test

# Imported when asked for: the pytest plugin and the Hypothesis profiles are loaded in every
# project of the environment, and running and replaying need no Hypothesis.
_HOMES = {
    "Kernel": "fuzzcopy.kernel",
    "Outcome": "fuzzcopy.runner",
    "Scenario": "fuzzcopy.scenario",
    "fuzz_test": "fuzzcopy.testing",
    "run": "fuzzcopy.runner",
}


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'fuzzcopy' has no attribute {name!r}")
    return getattr(import_module(home), name)
