"""What performs an operation."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

Performer = Callable[..., Awaitable[int]]
"""``(world, cpu, operation, argument)`` to the result of the call; ``argument`` is what the plan
made of the operation's data (``UserBuffer``, the cells to store) or ``None``."""

Table = dict[type[Any], Performer]
