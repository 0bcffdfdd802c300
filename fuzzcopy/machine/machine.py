"""The machine as a whole."""

from __future__ import annotations

from collections.abc import Iterable

from fuzzcopy.machine.cpu import Cpu
from fuzzcopy.machine.disk import Disk
from fuzzcopy.machine.memory import Memory
from fuzzcopy.machine.mmu import Mmu
from fuzzcopy.machine.provenance import Origins
from fuzzcopy.sched import Scheduler


class Machine:
    """CPUs, memory, MMU and disk. ``page_size`` and ``chunk`` are in bytes.

    A copy moves at most ``chunk`` bytes per access, so that its middle can be seen. ``threads``
    names further CPUs, for kernel threads.
    """

    def __init__(
        self,
        scheduler: Scheduler,
        *,
        cpus: int,
        frames: int,
        page_size: int = 16,
        chunk: int = 8,
        origins: Origins | None = None,
        threads: Iterable[str] = (),
    ) -> None:
        self.scheduler = scheduler
        self.page_size = page_size
        self.chunk = min(chunk, page_size)
        self.memory = Memory(scheduler, frames=frames, page_size=page_size)
        self.mmu = Mmu(scheduler, page_size, self.chunk)
        self.disk = Disk(scheduler, page_size)
        self.cpus = [Cpu(scheduler, i) for i in range(cpus)]
        self.cpus += [Cpu(scheduler, i, name) for i, name in enumerate(threads, cpus)]
        self.origins = origins or Origins()
