"""A read or write under way: what it has moved, as the history of its file is told."""

from __future__ import annotations

from dataclasses import dataclass

from fuzzcopy.kernel import UserBuffer
from fuzzcopy.machine import Cells
from fuzzcopy.oracles.history import UNKNOWN, Access, History
from fuzzcopy.scenario import Read, Write


@dataclass(slots=True)
class Call:
    """A read or write under way.

    ``cells`` is what has been moved, by the position in ``buffer``, and ``reached`` is the end of
    it. What is announced is in the history at once, at that instant; what is not may have been
    moved at any (``filled``: some of it is known, by what the buffer holds).
    """

    operation: Read | Write
    history: History
    buffer: UserBuffer
    begin: int
    cells: Cells
    reached: int = 0
    filled: bool = False

    def moved(self, position: int, cells: Cells) -> None:
        """``cells`` were copied from or to ``position`` of the buffer."""
        low = self.operation.offset + position
        if isinstance(self.operation, Read):
            self.history.see(low, cells)
        else:
            if position < self.reached:
                # Whoever saw what was copied first saw what is not of this write.
                self.history.suspect.update(range(low, low + len(cells)))
            self.history.put(low, cells)
        end = position + len(cells)
        self.cells[position:end] = cells
        self.reached = max(self.reached, end)

    def left_out(self, result: int) -> bool:
        """Whether some of the bytes that the call says it moved were not announced."""
        return UNKNOWN in self.cells[: max(result, 0)]

    def fill(self, cells: Cells) -> None:
        """What was not announced is ``cells``, from the first byte of the buffer on."""
        self.filled = True
        for position, cell in enumerate(cells):
            if self.cells[position] == UNKNOWN:
                self.cells[position] = cell

    def over(self, who: str, end: int, result: int) -> None:
        """The call returned ``result``: enter it into the history."""
        history, low = self.history, self.operation.offset
        cells = self.cells[: max(result, 0)]
        reads = isinstance(self.operation, Read)
        if self.reached > len(cells) and not reads:
            # Whoever saw that saw what is not of this write.
            history.suspect.update(range(low + len(cells), low + self.reached))
        if not cells:
            return
        access = Access(who, self.begin, end, low, cells)
        known = UNKNOWN not in cells
        if known and not self.filled:
            if reads:
                history.reads.append(access)
            else:
                history.wrote(access)
        elif not reads:
            # Some of it is entered twice, at two instants: no order has it so.
            history.suspect.update(range(low, low + len(cells)))
            history.write(access)
        elif known:
            history.read(access)
