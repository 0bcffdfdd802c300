"""The operations of a program.

Addresses are symbolic: a mapping slot of the CPU's address space and a byte offset in it, so
that nothing moves when another operation is deleted. All sizes and offsets are in bytes unless
they say pages.
"""

from __future__ import annotations

from fuzzcopy.scenario.operations.base import Pages as Pages
from fuzzcopy.scenario.operations.base import Segment as Segment
from fuzzcopy.scenario.operations.base import Size as Size
from fuzzcopy.scenario.operations.base import Small as Small
from fuzzcopy.scenario.operations.direct import DirectRead as DirectRead
from fuzzcopy.scenario.operations.direct import DirectWrite as DirectWrite
from fuzzcopy.scenario.operations.io import Fsync as Fsync
from fuzzcopy.scenario.operations.io import Punch as Punch
from fuzzcopy.scenario.operations.io import Read as Read
from fuzzcopy.scenario.operations.io import Readahead as Readahead
from fuzzcopy.scenario.operations.io import Truncate as Truncate
from fuzzcopy.scenario.operations.io import Write as Write
from fuzzcopy.scenario.operations.memory import Lazyfree as Lazyfree
from fuzzcopy.scenario.operations.memory import Load as Load
from fuzzcopy.scenario.operations.memory import Madvise as Madvise
from fuzzcopy.scenario.operations.memory import Mlock as Mlock
from fuzzcopy.scenario.operations.memory import Mmap as Mmap
from fuzzcopy.scenario.operations.memory import Mprotect as Mprotect
from fuzzcopy.scenario.operations.memory import Mremap as Mremap
from fuzzcopy.scenario.operations.memory import Msync as Msync
from fuzzcopy.scenario.operations.memory import Munmap as Munmap
from fuzzcopy.scenario.operations.memory import Store as Store
from fuzzcopy.scenario.operations.pipe import PipeRead as PipeRead
from fuzzcopy.scenario.operations.pipe import PipeWrite as PipeWrite
from fuzzcopy.scenario.operations.pipe import Splice as Splice
from fuzzcopy.scenario.operations.pressure import Invalidate as Invalidate
from fuzzcopy.scenario.operations.pressure import Migrate as Migrate
from fuzzcopy.scenario.operations.pressure import Reclaim as Reclaim
from fuzzcopy.scenario.operations.process import Continue as Continue
from fuzzcopy.scenario.operations.process import Fork as Fork
from fuzzcopy.scenario.operations.process import Poke as Poke
from fuzzcopy.scenario.operations.protect import Unprotect as Unprotect
from fuzzcopy.scenario.operations.protect import WriteProtect as WriteProtect
from fuzzcopy.scenario.operations.space import Collapse as Collapse
from fuzzcopy.scenario.operations.space import Idle as Idle
from fuzzcopy.scenario.operations.space import SwitchTo as SwitchTo
from fuzzcopy.scenario.operations.storage import Fallocate as Fallocate

Operation = (
    Write
    | Read
    | Readahead
    | Load
    | Store
    | Mmap
    | Munmap
    | Madvise
    | Lazyfree
    | Mprotect
    | Mremap
    | Mlock
    | WriteProtect
    | Unprotect
    | Collapse
    | SwitchTo
    | Idle
    | Poke
    | Fork
    | Continue
    | DirectRead
    | DirectWrite
    | PipeWrite
    | PipeRead
    | Splice
    | Truncate
    | Punch
    | Reclaim
    | Migrate
    | Invalidate
    | Fsync
    | Msync
    | Fallocate
)


def kind_of(operation: Operation) -> str:
    """The word for its kind, as in JSON."""
    return type(operation).__name__.lower()
