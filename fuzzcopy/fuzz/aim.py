"""Small programs in which the operations of a prediction could meet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

from msgspec import UNSET, UnsetType
from msgspec.structs import asdict, replace

from fuzzcopy.scenario import (
    Actors,
    CpuSpec,
    FileSpec,
    Fork,
    MachineSpec,
    MappingSpec,
    Operation,
    Orders,
    Scenario,
    Segment,
    SpaceSpec,
)
from fuzzcopy.scenario.scenario import PageState

NOBODY = Actors()

FILES = 2
SPARE = 3
"""A mapping slot that nothing is mapped at."""


def programs(
    operations: Sequence[Operation],
    page_size: int,
    actors: Actors = NOBODY,
    *,
    files: int = FILES,
    orders: Orders | UnsetType = UNSET,
) -> Iterator[Scenario]:
    """One CPU per operation, all in one address space, aimed at the same few pages.

    The world has so many ``files``, each mapped as a whole: file *n* in slot *n*. Which file an
    operation is about and which mapping it touches is tried in every combination, with the pages
    not cached or cached, mapped or not. Where a process forks there is a second address space, and
    every other fork goes the other way; which way the first one goes is tried both ways.
    """
    ways = (0, 1) if any(isinstance(operation, Fork) for operation in operations) else (0,)
    aims = list(product(range(files), repeat=2))
    # Which of the two files is which does not matter: the first operation is about file 0.
    firsts = [aim for aim in aims if aim[0] == 0]
    states: tuple[PageState, ...] = ("absent", "clean", "dirty")
    worlds = list(product(states, (False, True), (True, False), ways))
    seen: set[Scenario] = set()
    for state, present, shared, way in worlds:
        if present and state == "absent":
            continue
        for chosen in product(firsts, *[aims] * (len(operations) - 1)):
            aimed = [
                _aimed(operation, file, slot, page_size)
                for operation, (file, slot) in zip(operations, chosen, strict=True)
            ]
            world = _world(aimed, state, present, shared, page_size, files, way)
            scenario = replace(world, actors=actors, orders=orders)
            if scenario not in seen:
                seen.add(scenario)
                yield scenario


def _world(
    operations: Sequence[Operation],
    state: PageState,
    present: bool,
    shared: bool,
    page_size: int,
    files: int,
    way: int,
) -> Scenario:
    mappings = [
        MappingSpec(n, 1, n, shared=shared, writable=True, present=present) for n in range(files)
    ]
    forks = sum(isinstance(operation, Fork) for operation in operations)
    cpus: list[CpuSpec] = []
    for operation in operations:
        space = 0
        if isinstance(operation, Fork):
            space = (way + sum(isinstance(before.program[0], Fork) for before in cpus)) % 2
            operation = Fork(1 - space)
        cpus.append(CpuSpec((operation,), space))
    return Scenario(
        cpus=tuple(cpus),
        files=tuple(FileSpec(page_size, (state,)) for _ in range(files)),
        spaces=(SpaceSpec(tuple(mappings)), *[SpaceSpec()] * (forks > 0)),
        machine=MachineSpec(page_size=page_size, chunk=min(8, page_size)),
    )


def _aimed(operation: Operation, file: int, slot: int, page_size: int) -> Operation:
    """The same operation on page 0 of ``file``, or of the mapping in ``slot``."""
    changes: dict[str, object] = {}
    for name, value in asdict(operation).items():
        match name:
            case "file" if value is not None:
                changes[name] = file
            case "slot":
                changes[name] = slot
            case "to":
                changes[name] = SPARE
            case "first" | "page":
                changes[name] = 0
            case "pages":
                changes[name] = 1
            case "offset" | "size":
                changes[name] = value % page_size
            case "length":
                changes[name] = min(value, page_size)
            case "buffer":
                changes[name] = tuple(
                    Segment(slot, s.offset % page_size, min(s.length, page_size)) for s in value
                )
    return replace(operation, **changes)
