"""What a design is: a correct kernel that copies in another way, and what speaks for that way."""

from __future__ import annotations

import inspect
import sys
from typing import ClassVar

from fuzzcopy.kernel import Kernel


class Design(Kernel):
    """A kernel with one path swapped for another correct one. The docstring tells the idea.

    ``used_by`` says where the design has been, or is, in use.
    """

    used_by: ClassVar[str]

    @classmethod
    def summary(cls) -> str:
        """The idea's first line."""
        return (cls.__doc__ or "").strip().splitlines()[0]

    @classmethod
    def swapped_source(cls) -> str:
        """The source of the paths in its module."""
        module = sys.modules[cls.__module__]
        paths = [
            value
            for value in vars(module).values()
            if inspect.isclass(value)
            and value.__module__ == cls.__module__
            and not issubclass(value, Kernel)
        ]
        return "\n\n".join(inspect.getsource(path) for path in paths).rstrip()
