"""What fsync says of writes that the disk did not take."""

from __future__ import annotations

from dataclasses import dataclass, field
from errno import EIO

from fuzzcopy.kernel import Page, slot_page
from fuzzcopy.machine import Block, Cpu, Frame, IoKind
from fuzzcopy.oracles.content import LostDirty
from fuzzcopy.oracles.contract import ContractBroken
from fuzzcopy.oracles.oracle import Oracle
from fuzzcopy.scenario import Fsync, Msync, Operation
from fuzzcopy.world import World

_HARDWARE = -1


@dataclass(slots=True)
class _Failure:
    """A write of a cached page that failed: when it was submitted, by which CPU, who knows of it.

    ``lost``: nothing has put the page's bytes, or newer ones, on the disk since.
    """

    block: Block
    submitted: int
    by: int
    lost: bool = True
    told: set[int] = field(default_factory=set)


class SyncOracle(Oracle):
    """Judges fsync by what failed, not by what the kernel remembers.

    A write that was under way when fsync began, or that it submitted itself, is over when it
    returns. If that write failed and the data is still not on the disk, 0 is a lie, unless the
    program has been told before, by msync perhaps. An error is told to each program once
    (``errseq_t``): ``-EIO`` when nothing new went wrong breaks the contract.
    """

    def begin(self, world: World) -> None:
        super().begin(world)
        self._clock = 0
        self._submitted: dict[int, tuple[int, int] | None] = {}  # by frame; None: not judged
        self._failures: dict[str, list[_Failure]] = {}
        self._begun: dict[int, tuple[int, int]] = {}
        self._noted: dict[str, int] = {}
        self._told: dict[tuple[int, str], int] = {}
        self._mapped: dict[int, list[str]] = {}

    def write_submitted(self, block: Block, frame: Frame) -> None:
        self._clock += 1
        page = self._cached(block, frame)
        # What a direct write loses is told to its caller, even if it writes the file's own page,
        # from a mapping. Of two writes of a frame at once nobody could say which one failed.
        if page is None or not page.writeback or frame.index in self._submitted:
            self._submitted[frame.index] = None
            return
        task = self.world.scheduler.current
        self._submitted[frame.index] = self._clock, task.index if task is not None else _HARDWARE

    def disk_failed(self, kind: IoKind, block: Block, frame: Frame) -> None:
        submitted = self._submitted.pop(frame.index, None) if kind == "write" else None
        if submitted is not None and self._cached(block, frame) is not None:
            self._failures.setdefault(block[0], []).append(_Failure(block, *submitted))

    def disk_written(self, block: Block, frame: Frame) -> None:
        self._submitted.pop(frame.index, None)
        self.disk_discarded(block)

    def _cached(self, block: Block, frame: Frame) -> Page | None:
        """The page of the cache that ``frame`` is and ``block`` belongs to, if there is one."""
        name, index = block
        file = next(file for file in self.world.kernel.files if file.name == name)
        page = file.pages.get(index)
        return page if page is not None and page.frame is frame else None

    def disk_discarded(self, block: Block) -> None:
        for failure in self._failures.get(block[0], ()):
            if failure.block == block:
                failure.lost = False

    def write_lost(self, name: str) -> None:
        self._noted[name] = self._noted.get(name, 0) + 1

    def operation_begun(self, cpu: Cpu, number: int, operation: Operation) -> None:
        if isinstance(operation, Fsync):
            self._clock += 1
            file = self.world.kernel.files[operation.file]
            self._begun[cpu.index] = self._clock, self._noted.get(file.name, 0)
        elif isinstance(operation, Msync):
            self._mapped[cpu.index] = self._mapped_files(cpu, operation)

    def operation_ended(self, cpu: Cpu, number: int, operation: Operation, result: int) -> None:
        if isinstance(operation, Msync):
            before = self._mapped.pop(cpu.index)
            if result == -EIO:
                self._told_by_msync(cpu, [*before, *self._mapped_files(cpu, operation)])
        if not isinstance(operation, Fsync):
            return
        file = self.world.kernel.files[operation.file]
        began, counted = self._begun.pop(cpu.index)
        failures = self._failures.get(file.name, [])
        who = self.world.plan.who[cpu.index][number]
        if result == 0:
            for failure in failures:
                waited_for = failure.submitted < began or failure.by == cpu.index
                if failure.lost and waited_for and cpu.index not in failure.told:
                    name, index = failure.block
                    self.fail(LostDirty(f"{who} returned 0, but {name}:{index} was not written"))
        elif result == -EIO:
            if self._noted.get(file.name, 0) <= self._told.get((cpu.index, file.name), 0):
                self.fail(ContractBroken(f"{who} returned EIO once more, with nothing new to tell"))
            self._told[cpu.index, file.name] = counted
            for failure in failures:
                failure.told.add(cpu.index)
        else:
            self.fail(ContractBroken(f"{who} returned {result}"))

    def _mapped_files(self, cpu: Cpu, operation: Msync) -> list[str]:
        """The files that are mapped shared in the range, in the order of their mappings."""
        start = slot_page(operation.slot) + operation.first
        space = self.world.kernel.space_of(cpu)
        return [
            vma.file.name
            for vpn in range(start, start + operation.pages)
            for vma in space.covering(vpn)
            if vma.shared and vma.file is not None
        ]

    def _told_by_msync(self, cpu: Cpu, names: list[str]) -> None:
        """What failed of the first file that has something to tell: msync ends there."""
        for name in names:
            untold = [f for f in self._failures.get(name, ()) if cpu.index not in f.told]
            if untold:
                for failure in untold:
                    failure.told.add(cpu.index)
                return
