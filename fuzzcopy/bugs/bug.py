"""What a catalogue entry is: a kernel with one path swapped, and its story."""

from __future__ import annotations

import inspect
import sys
from typing import ClassVar

from fuzzcopy.kernel import Kernel


class Bug(Kernel):
    """A kernel that has a bug which really shipped. The docstring tells its story.

    ``verdicts`` are the words an oracle may use for it; ``fixed_by`` names the real fix;
    ``smallest`` is the smallest failing case known: CPUs, operations, preemptions.
    """

    year: ClassVar[int]
    verdicts: ClassVar[tuple[str, ...]]
    fixed_by: ClassVar[str]
    smallest: ClassVar[tuple[int, int, int]]

    @classmethod
    def summary(cls) -> str:
        """The story's first line."""
        return (cls.__doc__ or "").strip().splitlines()[0]

    @classmethod
    def swapped_source(cls) -> str:
        """The source of what its module has besides it: the paths that are wrong."""
        module = sys.modules[cls.__module__]
        others = [
            value
            for value in vars(module).values()
            if inspect.isclass(value) and value.__module__ == cls.__module__ and value is not cls
        ]
        return "\n\n".join(inspect.getsource(other) for other in others).rstrip()
