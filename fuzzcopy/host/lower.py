"""A scenario, drawn with small pages, as a job for the machine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from msgspec.structs import replace

from fuzzcopy.host.job import Job
from fuzzcopy.host.scale import HOST_PAGE, host_bytes, salt_of, to_host
from fuzzcopy.machine import Cells
from fuzzcopy.scenario import (
    Load,
    MachineSpec,
    Operation,
    Read,
    Segment,
    Store,
    Truncate,
    Write,
)
from fuzzcopy.world import Plan


def lower(plan: Plan, settings: Sequence[str]) -> Job:
    """The plan's scenario in host units, with its bytes."""
    scenario = plan.scenario
    salt = salt_of(scenario)
    files = tuple([replace(file, size=to_host(file.size)) for file in scenario.files])
    disk = []
    cache = []
    for f, spec in enumerate(scenario.files):
        cells = [cell for page in plan.disk[f] for cell in page]
        disk.append(host_bytes(cells[: spec.size], salt=salt))
        tail = [
            (p, host_bytes(page[: max(spec.size - p * plan.page_size, 0)], salt=salt))
            for p, page in plan.cache[f].items()
        ]
        cache.append(tail)
    anonymous: dict[tuple[int, int], Cells] = {}
    for (space, slot, _), page in plan.anonymous.items():
        anonymous.setdefault((space, slot), []).extend(page)
    return Job(
        scenario=replace(
            scenario,
            machine=MachineSpec(HOST_PAGE, HOST_PAGE),
            files=files,
            cpus=tuple(
                [
                    replace(cpu, program=tuple([_scaled(op) for op in cpu.program]))
                    for cpu in scenario.cpus
                ]
            ),
        ),
        disk=disk,
        cache=cache,
        anonymous=[(*where, host_bytes(cells, salt=salt)) for where, cells in anonymous.items()],
        stores=[
            [
                host_bytes(cast("Cells", argument), operation.offset, salt)
                if isinstance(operation, Store)
                else b""
                for operation, argument in steps
            ]
            for steps in plan.steps
        ],
        settings=list(settings),
    )


def _scaled(operation: Operation) -> Operation:
    match operation:
        case Write(_, offset, buffer) | Read(_, offset, buffer):
            return replace(
                operation, offset=to_host(offset), buffer=tuple([_segment(s) for s in buffer])
            )
        case Load(_, offset, length) | Store(_, offset, length):
            return replace(operation, offset=to_host(offset), length=to_host(length))
        case Truncate(_, size):
            return replace(operation, size=to_host(size))
    return operation


def _segment(segment: Segment) -> Segment:
    return Segment(segment.slot, to_host(segment.offset), to_host(segment.length))
