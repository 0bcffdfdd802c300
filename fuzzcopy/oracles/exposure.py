"""Not-uptodate exposure: bytes that nobody wrote become visible."""

from __future__ import annotations

from fuzzcopy.kernel import Page, Pinned, UserBuffer
from fuzzcopy.machine import Block, Cells, Cpu, Frame, TlbEntry, is_garbage
from fuzzcopy.oracles.evidence import BadByte
from fuzzcopy.oracles.oracle import Oracle
from fuzzcopy.sched import Verdict


class NotUptodateExposure(Verdict):
    """Garbage from a previous life of a frame or block reached user memory or the disk."""

    kind = "not-uptodate exposure"


class ExposureOracle(Oracle):
    """Looks at the provenance of every byte that leaves the kernel."""

    def user_read(self, cpu: Cpu, address: int, cells: Cells, via: TlbEntry) -> None:
        if is_garbage(cells):
            start = address % self.world.machine.page_size
            self._exposed(f"{cpu} loaded through {via.frame}", via.frame, start, cells)

    def copied_to_user(
        self, cpu: Cpu, page: Page, start: int, buffer: UserBuffer, position: int, cells: Cells
    ) -> None:
        if is_garbage(cells):
            self._exposed(f"{cpu} was given from page {page}", page.frame, start, cells)

    def page_flipped(
        self, cpu: Cpu, page: Page, buffer: UserBuffer, position: int, cells: Cells
    ) -> None:
        self.copied_to_user(cpu, page, 0, buffer, position, cells)

    def pin_written(self, cpu: Cpu, pinned: Pinned, address: int, cells: Cells) -> None:
        if is_garbage(cells):
            start = address % self.world.machine.page_size
            self._exposed(f"{cpu} was given at {address:#x}", pinned.page.frame, start, cells)

    def disk_written(self, block: Block, frame: Frame) -> None:
        if is_garbage(frame.cells):
            who = f"page {block[1]} of {block[0]} on the disk got"
            self._exposed(who, frame, 0, frame.cells)

    def finish(self) -> None:
        for file in self.world.kernel.files:
            for index, page in sorted(file.pages.items()):
                if page.uptodate and is_garbage(page.frame.cells):
                    who = f"page {index} of {file} would show"
                    self._exposed(who, page.frame, 0, page.frame.cells)

    def _exposed(self, who: str, frame: Frame, start: int, cells: Cells) -> None:
        at = next(i for i, cell in enumerate(cells) if is_garbage([cell]))
        what = self.world.plan.origins.describe(cells[at])
        self.fail(
            NotUptodateExposure(f"{who}, at byte {at}, what nobody wrote there: {what}"),
            BadByte(f"byte {start + at} that {who}", cells[at], start + at, frame=frame.name),
        )
