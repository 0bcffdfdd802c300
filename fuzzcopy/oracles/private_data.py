"""Wrong privilege, the other way round: a read that saw another process's private data."""

from __future__ import annotations

from fuzzcopy.kernel import Page, Pinned, UserBuffer
from fuzzcopy.machine import Cells, Cpu, Frame, TlbEntry, origin
from fuzzcopy.oracles.oracle import Oracle
from fuzzcopy.oracles.privilege import WrongPrivilege
from fuzzcopy.scenario import Fork, Operation
from fuzzcopy.world import World


class PrivateDataOracle(Oracle):
    """Follows what processes store into memory of their own, by its origin.

    It is the process's until it stores the same where others may look, hands it to the kernel
    (which writes it to a page that is nobody's own, or to the disk), or forks. What files and pipe
    hold from the start is nobody's, nor are zeros.
    """

    def begin(self, world: World) -> None:
        super().begin(world)
        self._size = world.machine.page_size
        self._owners: dict[int, set[str]] = {}
        self._public = set(world.plan.public)
        self._alone = len(world.kernel.spaces) < 2
        self._forking: dict[int, tuple[str, str]] = {}
        for (s, _, _), cells in world.plan.anonymous.items():
            self._owners[origin(cells[0])] = {f"mm{s}"}

    # -- what is stored where ---------------------------------------------------------------

    def user_written(self, cpu: Cpu, address: int, cells: Cells, via: TlbEntry) -> None:
        if not self._alone:
            self._stored(cpu, address, cells)

    def pin_written(self, cpu: Cpu, pinned: Pinned, address: int, cells: Cells) -> None:
        self._stored(cpu, address, cells)

    def _stored(self, cpu: Cpu, address: int, cells: Cells) -> None:
        space = self.world.kernel.space_of(cpu)
        vma = space.peek(address // self._size)
        if vma is not None and vma.shared:
            self._publish(cells)
            return
        # While a fork is under way nobody can say which of the two is first.
        heirs = {child for parent, child in self._forking.values() if parent == space.name}
        for source in {origin(cell): None for cell in cells}:
            if source not in self._public:
                self._owners.setdefault(source, {space.name}).update(heirs)

    def _publish(self, cells: Cells) -> None:
        for cell in cells:
            self._public.add(origin(cell))

    def memory_written(self, cpu: Cpu, frame: Frame, start: int, cells: Cells, via: str) -> None:
        if via == "kernel" and not self._alone:
            page = self.world.kernel.page_in(frame)
            if page is not None and not page.anonymous:
                self._publish(cells)

    def pin_read(self, cpu: Cpu, pinned: Pinned, address: int, cells: Cells) -> None:
        self._publish(cells)

    def page_taken(
        self, cpu: Cpu, page: Page, buffer: UserBuffer, position: int, cells: Cells
    ) -> None:
        self._publish(cells)

    # -- fork -------------------------------------------------------------------------------

    def operation_begun(self, cpu: Cpu, number: int, operation: Operation) -> None:
        if isinstance(operation, Fork):
            parent, child = self.world.kernel.space_of(cpu).name, f"mm{operation.child}"
            self._forking[cpu.index] = parent, child
            for owners in self._owners.values():
                if parent in owners:
                    owners.add(child)

    def operation_ended(self, cpu: Cpu, number: int, operation: Operation, result: int) -> None:
        if isinstance(operation, Fork):
            del self._forking[cpu.index]

    # -- reads ------------------------------------------------------------------------------

    def user_read(self, cpu: Cpu, address: int, cells: Cells, via: TlbEntry) -> None:
        if self._alone:
            return
        name = self.world.kernel.space_of(cpu).name
        for cell in cells:
            source = origin(cell)
            owners = self._owners.get(source)
            if owners is not None and name not in owners and source not in self._public:
                what = self.world.plan.origins.describe(cell)
                self.fail(
                    WrongPrivilege(
                        f"{cpu} in {name} loaded {what} at {address:#x}, which is private to "
                        f"{' and '.join(sorted(owners))}"
                    )
                )
