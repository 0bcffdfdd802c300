"""What the operations of a program can refer to."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hypothesis import strategies as st

from fuzzcopy.scenario import Operation, Scenario

Draw = st.DrawFn


class Surroundings:
    """What operations can refer to: file sizes in pages, and mappings as (slot, pages).

    ``spaces`` has the mappings of every address space; ``slots`` are those of the one that the
    program is in, at first number ``space``.
    """

    def __init__(
        self,
        files: Sequence[int],
        spaces: Sequence[Sequence[tuple[int, int]]],
        space: int,
        page_size: int,
    ) -> None:
        self.files = files
        self.spaces = spaces
        self.page_size = page_size
        self.enter(space)

    @classmethod
    def of(cls, scenario: Scenario, space: int) -> Surroundings:
        """What a program of ``scenario`` can refer to that is in that address space at first."""
        page_size = scenario.machine.page_size
        spaces = [[(m.slot, m.pages) for m in space.mappings] for space in scenario.spaces]
        # What is empty will be a copy of the first one. If all are, programs touch what is not
        # mapped.
        first = next(filter(None, spaces), [(0, 1)])
        return cls(
            [-(-file.size // page_size) for file in scenario.files],
            [own or first for own in spaces],
            space,
            page_size,
        )

    def enter(self, space: int) -> None:
        """The program is in another address space from here on."""
        self.slots = self.spaces[space]

    def file(self, draw: Draw) -> int:
        """The number of a file."""
        return draw(st.integers(0, len(self.files) - 1)) if len(self.files) > 1 else 0

    def page(self, draw: Draw, file: int) -> int:
        """A page of a file."""
        return draw(st.integers(0, max(self.files[file] - 1, 0)))

    def place(self, draw: Draw, file: int) -> int:
        """A byte offset in a file: the start of a page most of the time."""
        inside = draw(st.sampled_from([0, 0, 0, 0, self.page_size // 2, self.page_size - 1, 1]))
        return self.page(draw, file) * self.page_size + inside

    def slot(self, draw: Draw) -> tuple[int, int]:
        """A mapping slot and its pages: the first one most of the time, so that programs meet."""
        drawn = draw(st.integers(0, 2 * len(self.slots))) if len(self.slots) > 1 else 0
        return self.slots[drawn if drawn < len(self.slots) else 0]

    def buffer(self, draw: Draw) -> tuple[int, int]:
        """A mapping slot to copy from or to, and its pages: any, the last one more often."""
        drawn = draw(st.integers(0, len(self.slots))) if len(self.slots) > 1 else 0
        return self.slots[min(drawn, len(self.slots) - 1)]


Maker = Callable[[Draw, Surroundings], Operation]
"""Draws one operation of a kind."""
