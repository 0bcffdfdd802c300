"""The kernel's events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fuzzcopy.machine import MachineWatcher

if TYPE_CHECKING:
    from fuzzcopy.kernel.buffer import UserBuffer
    from fuzzcopy.kernel.extents import ExtentState
    from fuzzcopy.kernel.file import File
    from fuzzcopy.kernel.page import Page
    from fuzzcopy.kernel.pin import Pinned
    from fuzzcopy.kernel.space import AddressSpace, Vma
    from fuzzcopy.machine import Cells, Cpu


class KernelWatcher(MachineWatcher):
    """Sees what the kernel does, besides what the machine and the scheduler do."""

    def page_inserted(self, page: Page) -> None:
        """``page`` entered the page cache of ``page.file`` at ``page.index``."""

    def page_removed(self, file: File, page: Page) -> None:
        """``page`` left the page cache of ``file``."""

    def page_flag(self, page: Page, flag: str, value: bool) -> None:
        """``uptodate``, ``dirty`` or ``writeback`` of ``page`` changed to ``value``."""

    def page_scanned(self, page: Page, mapped: bool, dirty: bool, gone: bool) -> None:
        """Reclaim has looked at ``page``, and unmapped it if it was ``mapped``.

        ``dirty``: then that is what it was; ``gone``: it has left the cache.
        """

    def out_of_memory(self, cpu: Cpu) -> None:
        """``cpu`` asked for a frame, and there was none to be had by any means."""

    def extent_changed(self, name: str, index: int, state: ExtentState) -> None:
        """The page at ``index`` of the file called ``name`` has another extent state from now."""

    def copied_from_user(
        self, cpu: Cpu, page: Page, start: int, buffer: UserBuffer, position: int, cells: Cells
    ) -> None:
        """``cells`` were loaded at ``position`` of ``buffer``, to be put at ``start``."""

    def copied_to_user(
        self, cpu: Cpu, page: Page, start: int, buffer: UserBuffer, position: int, cells: Cells
    ) -> None:
        """``cells`` from ``start`` of ``page`` were stored at ``position`` of ``buffer``."""

    def page_flipped(
        self, cpu: Cpu, page: Page, buffer: UserBuffer, position: int, cells: Cells
    ) -> None:
        """Instead of a copy of ``cells``, ``page`` is mapped at ``position`` of ``buffer``."""

    def page_taken(
        self, cpu: Cpu, page: Page, buffer: UserBuffer, position: int, cells: Cells
    ) -> None:
        """Instead of a copy of ``cells``, ``page`` at ``position`` of ``buffer`` is the file's."""

    def pin_written(self, cpu: Cpu, pinned: Pinned, address: int, cells: Cells) -> None:
        """``cells`` were put at a user ``address`` by way of the page ``pinned`` for it."""

    def pin_read(self, cpu: Cpu, pinned: Pinned, address: int, cells: Cells) -> None:
        """A device took ``cells`` from a user ``address``, from the page ``pinned`` for it."""

    def copied_short(self, cpu: Cpu, copied: int, length: int) -> None:
        """A copy from or to user memory came back with ``copied`` bytes of ``length``."""

    def write_retried(self, cpu: Cpu, length: int) -> None:
        """A write tries ``length`` bytes again, after a copy of which nothing could be accepted."""

    def loaded(self, cpu: Cpu, address: int, cells: Cells) -> None:
        """The program itself loaded ``cells`` at ``address``."""

    def stored(self, cpu: Cpu, address: int, cells: Cells) -> None:
        """The program itself stored ``cells`` at ``address``."""

    def fault_handled(self, cpu: Cpu, address: int, write: bool, good: bool) -> None:
        """A page fault was handled; not ``good``: the access is not allowed."""

    def copied_to_replace(self, cpu: Cpu, space: AddressSpace, vpn: int, page: Page) -> None:
        """The bytes of ``page`` were read; a copy shall be shown at ``vpn`` in its place."""

    def write_lost(self, name: str) -> None:
        """Something that was written to the file ``name`` will not be on the disk."""

    def vma_added(self, vma: Vma) -> None:
        """A mapping was entered."""

    def vma_removed(self, vma: Vma) -> None:
        """A mapping was taken out."""

    def flush_begun(self, cpu: Cpu, space: AddressSpace, vpns: Sequence[int]) -> None:
        """A TLB flush of ``vpns`` began: it covers what was cleared before."""

    def flush_done(self, cpu: Cpu, space: AddressSpace, vpns: Sequence[int]) -> None:
        """The flush that this CPU began is complete on every CPU."""
