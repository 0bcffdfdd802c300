"""What every replaceable path of the kernel is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, TypeVar

from fuzzcopy.kernel.early import NOTHING, Early, Nothing

if TYPE_CHECKING:
    from fuzzcopy.kernel.file import File
    from fuzzcopy.kernel.kernel import Kernel
    from fuzzcopy.kernel.space import AddressSpace

T = TypeVar("T")


class Path:
    """One path of the kernel: few async methods, replaceable alone.

    A path reaches the machine and the other paths through ``self.kernel``. Shared state is
    reached through accessors only; everything a path keeps between two awaits is local.

    ``order`` is the name under which a scenario may give it another lock order.
    """

    order: ClassVar[str] = ""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        self.machine = machine = kernel.machine
        self.scheduler = machine.scheduler
        self.page_size = machine.page_size

    def early(
        self,
        kind: str,
        *files: File,
        space: AddressSpace | None = None,
        index: int | None = None,
        first: int = 0,
        end: int = 0,
        alone: bool = False,
    ) -> Early | Nothing:
        """To be entered before a lock of class ``kind`` is taken; see :class:`Early`.

        Nothing happens there unless a scenario moves other locks of this path before that one.
        """
        moved = self.kernel.reordered
        if not moved or not (kinds := moved.get((self.order, kind))):
            return NOTHING
        return Early(self.kernel, kinds, files, space, index, first, end, alone)

    def arranged(self, given: Sequence[T], ascending: Sequence[T]) -> Sequence[T]:
        """Objects of one class, in the order in which this path locks them: ascending."""
        match self.kernel.arranged.get(self.order):
            case "descending":
                return ascending[::-1]
            case "given":
                return given
        return ascending
