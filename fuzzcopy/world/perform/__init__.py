"""How each operation is performed: from its kind to the call of the kernel.

To add one: a function in one of the modules, entered in its ``TABLE``.
"""

from __future__ import annotations

from fuzzcopy.world.perform import (
    direct,
    io,
    memory,
    pipe,
    pressure,
    process,
    protect,
    space,
    storage,
)
from fuzzcopy.world.perform.table import Table

PERFORM: Table = {
    **direct.TABLE,
    **io.TABLE,
    **memory.TABLE,
    **pipe.TABLE,
    **pressure.TABLE,
    **protect.TABLE,
    **process.TABLE,
    **space.TABLE,
    **storage.TABLE,
}
