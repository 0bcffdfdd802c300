"""What is the same in every run of a scenario, computed once."""

from __future__ import annotations

from fuzzcopy.kernel import UserBuffer, slot_page
from fuzzcopy.machine import ZERO, Cells, Origins, origin, pattern
from fuzzcopy.scenario import (
    DirectRead,
    DirectWrite,
    Operation,
    PipeRead,
    PipeWrite,
    Poke,
    Read,
    Scenario,
    Segment,
    Store,
    Write,
)


class Plan:
    """The bytes that a scenario's files and stores put into the world, and its user buffers.

    ``disk[f][p]`` is page ``p`` of file ``f`` on the disk, ``cache[f][p]`` what a dirty cached
    page holds instead, ``contents[f]`` the file as a reader sees it. ``anonymous[s, slot, p]`` is
    what a page of anonymous memory that is present holds, ``own_memory[name, vpn]`` what a process
    sees in its anonymous memory.
    ``pipe`` has what is in the pipe, by slot. ``public`` are the origins of what is in none of the
    processes' own memory.
    ``who[c][i]`` is what a report calls operation ``i`` of CPU ``c``, ``loads[c]`` and
    ``stores[c]`` its accesses to user memory (kernel threads have CPUs, too). ``steps[c][i]`` is
    the operation with its argument.
    """

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.page_size = size = scenario.machine.page_size
        self.origins = Origins()
        self.disk: list[list[Cells]] = []
        self.cache: list[dict[int, Cells]] = []
        for f, spec in enumerate(scenario.files):
            pages = -(-spec.size // size)
            self.disk.append(
                [
                    self._page("disk", f"page {p} of f{f} on disk", spec.size - p * size)
                    if spec.extent(p) == "written"
                    else [ZERO] * size
                    for p in range(pages)
                ]
            )
            self.cache.append(
                {
                    p: self._page("cache", f"page {p} of f{f} in the cache", spec.size - p * size)
                    for p, state in enumerate(spec.pages)
                    if state == "dirty"
                }
            )
        self.contents = [
            [cell for p, page in enumerate(pages) for cell in dirty.get(p, page)]
            for pages, dirty in zip(self.disk, self.cache, strict=True)
        ]
        self.anonymous: dict[tuple[int, int, int], Cells] = {}
        self.own_memory: dict[tuple[str, int], Cells] = {}
        for s, space in enumerate(scenario.spaces):
            for mapping in space.mappings:
                for p in range(mapping.pages if mapping.file is None else 0):
                    cells = [ZERO] * size
                    if mapping.present:
                        what = f"page {p} of m{mapping.slot} in mm{s}"
                        cells = self._page("anonymous", what, size)
                        self.anonymous[s, mapping.slot, p] = cells
                    self.own_memory[f"mm{s}", slot_page(mapping.slot) + p] = cells
        self.pipe = [
            self._page("pipe", f"page {p} in the pipe", size) for p in range(scenario.pipe.filled)
        ]
        shared = [*self.contents, *self.pipe, *[page for pages in self.disk for page in pages]]
        self.public = frozenset([origin(ZERO), *[origin(cell) for part in shared for cell in part]])
        self.who = [
            [f"{operation} by cpu{c}" for operation in cpu.program]
            for c, cpu in enumerate(scenario.cpus)
        ]
        cpus = [*(f"cpu{c}" for c in range(len(scenario.cpus))), *scenario.actors.rounds()]
        self.loads = [f"a load by {cpu}" for cpu in cpus]
        self.stores = [f"a store by {cpu}" for cpu in cpus]
        self.steps = [
            [
                (operation, self._argument(c, i, operation))
                for i, operation in enumerate(cpu.program)
            ]
            for c, cpu in enumerate(scenario.cpus)
        ]

    def address(self, slot: int, offset: int) -> int:
        """The user address of byte ``offset`` of mapping ``slot``."""
        return slot_page(slot) * self.page_size + offset

    def _page(self, kind: str, what: str, length: int) -> Cells:
        size = self.page_size
        cells = pattern(self.origins.add(kind, what), min(length, size))
        return cells + [ZERO] * (size - len(cells))

    def _argument(self, cpu: int, number: int, operation: Operation) -> object:
        match operation:
            case Write(_, _, buffer) | Read(_, _, buffer) | PipeWrite(buffer) | PipeRead(buffer):
                return self._buffer(buffer)
            case DirectRead() | DirectWrite():
                size = self.page_size
                segment = Segment(operation.slot, operation.at * size, operation.pages * size)
                return self._buffer((segment,))
            case Store(_, _, length) | Poke(_, _, length):
                return pattern(self.origins.add("store", self.who[cpu][number]), length)
        return None

    def _buffer(self, segments: tuple[Segment, ...]) -> UserBuffer:
        return UserBuffer([(self.address(s.slot, s.offset), s.length) for s in segments])
