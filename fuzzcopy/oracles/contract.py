"""Contract: what a call returned against what it was able to do."""

from __future__ import annotations

from errno import EFAULT, EIO, ENOMEM, errorcode
from typing import NamedTuple

from fuzzcopy.kernel import UserBuffer, Vma
from fuzzcopy.machine import Block, Cpu, Frame, IoKind
from fuzzcopy.oracles.oracle import Oracle
from fuzzcopy.scenario import Operation, Read, Write, kind_of
from fuzzcopy.sched import Verdict

ERRORS = (EFAULT, EIO, ENOMEM)
"""What ``read`` and ``write`` may fail with; see :class:`fuzzcopy.kernel.BufferedWrite`."""


class ContractBroken(Verdict):
    """A return value that the call's contract does not allow."""

    kind = "contract"


class _Begun(NamedTuple):
    """What was so when a call began: the bytes of its buffer to be had, the files' sizes."""

    epoch: int
    reach: int
    sizes: list[int]


class ContractOracle(Oracle):
    """Judges the results of ``read`` and ``write``.

    A byte of a user buffer *can be had* if a mapping with the needed permission covers it and,
    for a file, its page is not past the end. A call is judged on that only if nothing that may
    change it ran meanwhile, memory did not run out, and the disk did not fail: then the truth did
    not change under it.
    """

    def __init__(self) -> None:
        self._epoch = 0  # grows whenever something may have become inaccessible
        self._changing = 0  # operations under way that may do that
        self._begun: dict[int, _Begun] = {}

    def out_of_memory(self, cpu: Cpu) -> None:
        self._epoch += 1

    def disk_failed(self, kind: IoKind, block: Block, frame: Frame) -> None:
        self._epoch += 1

    def vma_added(self, vma: Vma) -> None:
        self._epoch += 1

    def vma_removed(self, vma: Vma) -> None:
        self._epoch += 1

    def operation_begun(self, cpu: Cpu, number: int, operation: Operation) -> None:
        if not isinstance(operation, (Write, Read)):
            self._changing += 1
        elif not self._changing:  # else it is not judged
            reach = self._reach(cpu, self._buffer(cpu, number), operation)
            self._begun[cpu.index] = _Begun(self._epoch, reach, self._sizes())

    def operation_ended(self, cpu: Cpu, number: int, operation: Operation, result: int) -> None:
        if not isinstance(operation, (Write, Read)):
            self._changing -= 1
            self._epoch += 1
            return
        buffer = self._buffer(cpu, number)
        name = kind_of(operation)
        if result > buffer.length or (result < 0 and -result not in ERRORS):
            returned = f"-{errorcode[-result]}" if -result in errorcode else result
            self.fail(ContractBroken(f"{name} of {buffer.length} bytes returned {returned}"))
        begun = self._begun.pop(cpu.index, None)
        if begun is None or begun.epoch != self._epoch or self._changing or result == -ENOMEM:
            return
        if result == -EIO:
            self.fail(ContractBroken(f"{name} returned EIO, but nothing was wrong with the disk"))
        possible = min(buffer.length, begun.reach)
        if isinstance(operation, Read):
            possible = min(possible, max(begun.sizes[operation.file] - operation.offset, 0))
        if result == -EFAULT and (possible > 0 or not buffer.length):
            self.fail(ContractBroken(f"{name} returned EFAULT, but its first byte can be had"))
        if 0 <= result < possible:
            self.fail(
                ContractBroken(
                    f"{name} moved {result} bytes of {buffer.length}, but {possible} can be had"
                )
            )
        # A file that grew meanwhile may have made more possible than there was at the beginning.
        if result > possible and begun.sizes == self._sizes():
            self.fail(ContractBroken(f"{name} returned {result}, but only {possible} can be had"))

    def _sizes(self) -> list[int]:
        return [file.size.peek() for file in self.world.kernel.files]

    def _buffer(self, cpu: Cpu, number: int) -> UserBuffer:
        argument = self.world.plan.steps[cpu.index][number][1]
        assert isinstance(argument, UserBuffer)
        return argument

    def _reach(self, cpu: Cpu, buffer: UserBuffer, operation: Write | Read) -> int:
        """How many bytes lie before the first that cannot be had."""
        kernel = self.world.kernel
        machine = self.world.machine
        page_size = machine.page_size
        space = kernel.space_of(cpu)
        reached = 0
        poison = self.world.plan.scenario.faults.poison
        grain = machine.chunk if poison else page_size
        for address, n in buffer.runs(0, buffer.length, grain, page_size):
            if poison and machine.mmu.is_poisoned(space.table, address):
                return reached
            vpn = address // page_size
            vma = space.peek(vpn)
            if vma is None or (isinstance(operation, Read) and not vma.writable):
                return reached
            if vma.file is not None and vma.index_of(vpn) * page_size >= vma.file.size.peek():
                return reached
            reached += n
        return reached
