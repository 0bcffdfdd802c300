"""Wrong privilege: memory reached that no permission in force allowed to reach."""

from __future__ import annotations

from fuzzcopy.kernel import Page, Pinned, UserBuffer, Vma
from fuzzcopy.machine import Cells, Cpu, TlbEntry
from fuzzcopy.oracles.oracle import Oracle
from fuzzcopy.scenario import DirectWrite, Operation, Write
from fuzzcopy.sched import Verdict
from fuzzcopy.world import World

_WRITING = (Write, DirectWrite)  # named here, for a union would be made anew at every question


class WrongPrivilege(Verdict):
    """An access that nobody was allowed to make."""

    kind = "wrong privilege"


class PrivilegeOracle(Oracle):
    """Compares each access with the mappings that cover its address.

    A mapping counts until the call that takes it away has returned: up to then a CPU may not
    have heard of it. A pin keeps the permission it was made with. A debugger may write to private
    memory that is read-only, as it gets a copy; but what is written through a private mapping,
    by whomever, must never reach the file. Nor may what is written to anything else, as a pipe.
    """

    def __init__(self) -> None:
        self._operations: dict[int, Operation] = {}
        self._leaving: dict[int, list[Vma]] = {}

    def begin(self, world: World) -> None:
        super().begin(world)
        self._size = world.machine.page_size

    def vma_removed(self, vma: Vma) -> None:
        task = self.world.scheduler.current
        assert task is not None
        self._leaving.setdefault(task.index, []).append(vma)

    def operation_begun(self, cpu: Cpu, number: int, operation: Operation) -> None:
        self._operations[cpu.index] = operation

    def operation_ended(self, cpu: Cpu, number: int, operation: Operation, result: int) -> None:
        self._leaving.pop(cpu.index, None)

    def copied_from_user(
        self, cpu: Cpu, page: Page, start: int, buffer: UserBuffer, position: int, cells: Cells
    ) -> None:
        file, operation = page.file, self._operations[cpu.index]
        if file is not None and not (
            isinstance(operation, _WRITING) and self.world.kernel.files[operation.file] is file
        ):
            self.fail(WrongPrivilege(f"{operation} by {cpu} reached page {page} of {file}"))

    def user_read(self, cpu: Cpu, address: int, cells: Cells, via: TlbEntry) -> None:
        if not self._mappings(cpu, address):
            self.fail(WrongPrivilege(f"{cpu} loaded at {address:#x}, where nothing is mapped"))

    def user_written(self, cpu: Cpu, address: int, cells: Cells, via: TlbEntry) -> None:
        private = None
        for vma in self._mappings(cpu, address):
            if vma.writable:
                if vma.shared:
                    return
                private = private or vma
        if private is None:
            self.fail(
                WrongPrivilege(f"{cpu} stored at {address:#x}, where nothing writable is mapped")
            )
        page = self.world.kernel.page_of(via.frame)
        if not page.anonymous:
            self._reached(f"{cpu} stored at {address:#x}", page, private)

    def pin_written(self, cpu: Cpu, pinned: Pinned, address: int, cells: Cells) -> None:
        vma = pinned.vma
        if vma is None:
            return  # the entry allowed it
        if vma.shared and not vma.writable:
            self.fail(WrongPrivilege(f"{cpu} wrote by force through {vma}"))
        if not pinned.page.anonymous and not vma.shared:
            self._reached(f"{cpu} wrote by force at {address:#x}", pinned.page, vma)

    def _reached(self, who: str, page: Page, vma: Vma) -> None:
        self.fail(WrongPrivilege(f"{who} through {vma}, and that reached the file's page {page}"))

    def _mappings(self, cpu: Cpu, address: int) -> tuple[Vma, ...]:
        """The mappings in force that cover ``address``."""
        space, vpn = self.world.kernel.space_of(cpu), address // self._size
        found = space.covering(vpn)
        for leaving in self._leaving.values():
            found += tuple(vma for vma in leaving if vma.space is space and vpn in vma)
        return found
