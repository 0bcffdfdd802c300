"""What went wrong behind a writer's back, told to each open description once.

Until Linux 4.13 a flag of the mapping was cleared by whoever asked first: another writer's fsync
could return 0 for data that was gone. Jeff Layton's ``errseq_t`` counts instead (5660e13d2fd6,
2017), and every open description remembers how far it has been told.
"""

from __future__ import annotations

from fuzzcopy.machine import Cpu
from fuzzcopy.sched import Cell, Scheduler


class Errors(Cell[int]):
    """The number of errors of one file; a program has one open description of it from the start."""

    __slots__ = ("_file", "_told")

    def __init__(self, scheduler: Scheduler, file: str) -> None:
        super().__init__(scheduler, f"{file}.errors", 0)
        self._file = file
        self._told: dict[int, int] = {}

    def record(self) -> None:
        """One more, without a preemption point: as the completion of an I/O does."""
        self.scheduler.touch(self)
        self._value = self._another(self._value)

    async def report(self) -> None:
        """:meth:`record`, as a step of a program."""
        await self.update(self._another)

    def _another(self, count: int) -> int:
        for tell in self.scheduler.bus.write_lost:
            tell(self._file)
        return count + 1

    async def check(self, cpu: Cpu) -> bool:
        """Whether there are errors that the program of ``cpu`` has not been told of.

        From now on it has been (``errseq_check_and_advance``).
        """
        now = await self.get()
        fresh = now != self._told.get(cpu.index, 0)
        self._told[cpu.index] = now
        return fresh
