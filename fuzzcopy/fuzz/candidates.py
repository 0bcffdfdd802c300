"""Smaller scenarios: each function proposes what might be left out of one, coarse things first."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from msgspec import UNSET
from msgspec.structs import asdict, replace

from fuzzcopy.fuzz.worlds import warmed
from fuzzcopy.scenario import (
    CpuSpec,
    FaultPlan,
    Fork,
    Operation,
    Orders,
    PipeRead,
    PipeSpec,
    PipeWrite,
    Read,
    Scenario,
    Segment,
    SpaceSpec,
    Switch,
    SwitchTo,
    Write,
)

T = TypeVar("T")


def candidates(scenario: Scenario, *, warm: bool = True) -> Iterator[Scenario]:
    """Every scenario that is one simplification away.

    With ``warm``, also each that does less in a world where everything is there already: of no
    use to whom a world cannot be made to measure.
    """
    for coarse in (_fewer_cpus, _joined_cpus, _fewer_operations):
        for fewer in coarse(scenario):
            yield fewer
            if warm:
                yield warmed(fewer)
    yield from _fewer_faults(scenario)
    yield from _fewer_orders(scenario)
    yield from _simpler_pipe(scenario)
    yield from _fewer_actors(scenario)
    yield from _fewer_switches(scenario)
    yield from _cold(scenario)
    yield from _fewer_spaces(scenario)
    yield from _fewer_files(scenario)
    yield from _simpler_mappings(scenario)
    yield from _simpler_files(scenario)
    yield from _simpler_operations(scenario)


def _without(items: Sequence[T], i: int) -> tuple[T, ...]:
    return (*items[:i], *items[i + 1 :])


def _with(items: Sequence[T], i: int, item: T) -> tuple[T, ...]:
    return (*items[:i], item, *items[i + 1 :])


def _fewer_faults(scenario: Scenario) -> Iterator[Scenario]:
    faults = scenario.faults
    if faults != FaultPlan():
        yield replace(scenario, faults=FaultPlan())
    for fewer in (
        replace(faults, evictions=min(faults.evictions, 1)),
        replace(faults, fills=min(faults.fills, 1)),
        *(replace(faults, errors=(error,)) for error in faults.errors),
    ):
        if fewer != faults:
            yield replace(scenario, faults=fewer)


def _fewer_orders(scenario: Scenario) -> Iterator[Scenario]:
    """A path takes its locks in the documented order after all."""
    if scenario.orders is not UNSET:
        for name, default in asdict(Orders()).items():
            if getattr(scenario.orders, name) != default:
                fewer: Orders = replace(scenario.orders, **{name: default})
                yield replace(scenario, orders=fewer or UNSET)


def _fewer_cpus(scenario: Scenario) -> Iterator[Scenario]:
    if len(scenario.cpus) > 1:
        for i in range(len(scenario.cpus)):
            rest = _without_task(scenario.schedule, f"cpu{i}")
            schedule = tuple(_renumbered(s, i) for s in rest)
            yield replace(scenario, cpus=_without(scenario.cpus, i), schedule=schedule)


def _joined_cpus(scenario: Scenario) -> Iterator[Scenario]:
    """One CPU does what two did, one after the other."""
    for i, cpu in enumerate(scenario.cpus):
        for j, other in enumerate(scenario.cpus):
            if i != j and cpu.space == other.space:
                both = replace(cpu, program=cpu.program + other.program)
                rest = _without_task(scenario.schedule, f"cpu{j}")
                schedule = tuple(_renumbered(s, j) for s in rest)
                cpus = _without(_with(scenario.cpus, i, both), j)
                yield replace(scenario, cpus=cpus, schedule=schedule)


def _without_task(schedule: Sequence[Switch], gone: str) -> Iterator[Switch]:
    """``schedule`` without a task: where it ran next, what runs is what came after its end."""
    named = re.compile(rf"\b{gone}\b")
    for k, switch in enumerate(schedule):
        if switch.cpu == gone:
            continue
        if switch.run != gone:
            if not named.search(f"{switch.at} {switch.run}"):
                yield switch
            continue
        # Where a task cannot go on, each event that happens makes another decision of it.
        stopped = switch.at == "end" or switch.at.startswith("wait ")
        nth = switch.nth
        for later in schedule[k + 1 :]:
            if later.cpu == gone and later.at == "end":
                yield replace(switch, run=later.run, nth=nth)
                if " " not in later.run:  # a task; before it, events may have happened
                    break
                nth += stopped


def _renumbered(switch: Switch, gone: int) -> Switch:
    def lower(match: re.Match[str]) -> str:
        number = int(match[1])
        return f"cpu{number - (number > gone)}"

    def fix(text: str) -> str:
        return re.sub(r"\bcpu(\d+)", lower, text)

    return replace(switch, cpu=fix(switch.cpu), at=fix(switch.at), run=fix(switch.run))


def _fewer_operations(scenario: Scenario) -> Iterator[Scenario]:
    for i, cpu in enumerate(scenario.cpus):
        if len(cpu.program) > 1:
            for j in reversed(range(len(cpu.program))):
                shorter = replace(cpu, program=_without(cpu.program, j))
                yield replace(scenario, cpus=_with(scenario.cpus, i, shorter))


def _fewer_actors(scenario: Scenario) -> Iterator[Scenario]:
    for name, rounds in scenario.actors.rounds().items():
        without = tuple(_without_task(scenario.schedule, name))
        actors = replace(scenario.actors, **{name: 0})
        yield replace(scenario, actors=actors, schedule=without)
        if rounds > 1:
            yield replace(scenario, actors=replace(scenario.actors, **{name: rounds - 1}))


def _fewer_switches(scenario: Scenario) -> Iterator[Scenario]:
    """Without many that follow each other, then without fewer."""
    schedule = scenario.schedule
    many = len(schedule) // 2
    while many > 1:
        for i in reversed(range(0, len(schedule), many)):
            yield replace(scenario, schedule=(*schedule[:i], *schedule[i + many :]))
        many //= 2
    for i in reversed(range(len(schedule))):
        yield replace(scenario, schedule=_without(schedule, i))


def _cold(scenario: Scenario) -> Iterator[Scenario]:
    for i, cpu in enumerate(scenario.cpus):
        if cpu.warm:
            yield replace(scenario, cpus=_with(scenario.cpus, i, replace(cpu, warm=False)))


def _fewer_spaces(scenario: Scenario) -> Iterator[Scenario]:
    used = {cpu.space for cpu in scenario.cpus}
    used |= {
        op.space if isinstance(op, SwitchTo) else op.child
        for cpu in scenario.cpus
        for op in cpu.program
        if isinstance(op, SwitchTo | Fork)
    }
    everywhere = range(len(scenario.spaces))
    for i in everywhere:
        if len(scenario.spaces) > 1 and i not in used:
            cpus = _moved(scenario.cpus, [space - (space > i) for space in everywhere])
            yield replace(scenario, spaces=_without(scenario.spaces, i), cpus=cpus)
        elif i > 0:
            cpus = _moved(scenario.cpus, [0 if space == i else space for space in everywhere])
            yield replace(scenario, cpus=cpus)


def _moved(cpus: Sequence[CpuSpec], to: Sequence[int]) -> tuple[CpuSpec, ...]:
    """The same programs, with address space ``to[i]`` in the place of number ``i``."""
    return tuple(
        CpuSpec(tuple(_elsewhere(op, to) for op in cpu.program), to[cpu.space], cpu.warm)
        for cpu in cpus
    )


def _elsewhere(op: Operation, to: Sequence[int]) -> Operation:
    if isinstance(op, SwitchTo):
        return SwitchTo(to[op.space])
    return Fork(to[op.child]) if isinstance(op, Fork) else op


def _fewer_files(scenario: Scenario) -> Iterator[Scenario]:
    for i in reversed(range(len(scenario.files))):
        users = [op for cpu in scenario.cpus for op in cpu.program]
        mapped = [m for space in scenario.spaces for m in space.mappings]
        if any(getattr(user, "file", None) == i for user in (*users, *mapped)):
            continue

        def moved(user: Any, gone: int = i) -> Any:
            number = getattr(user, "file", None)
            return user if number is None or number < gone else replace(user, file=number - 1)

        yield replace(
            scenario,
            files=_without(scenario.files, i),
            cpus=tuple(
                replace(cpu, program=tuple(moved(op) for op in cpu.program))
                for cpu in scenario.cpus
            ),
            spaces=tuple(
                replace(space, mappings=tuple(moved(m) for m in space.mappings))
                for space in scenario.spaces
            ),
        )


def _simpler_pipe(scenario: Scenario) -> Iterator[Scenario]:
    pipe = scenario.pipe
    if pipe == PipeSpec():
        return  # the simplest: a smaller one would be simplified back to it
    for simpler in (PipeSpec(), PipeSpec(1, min(pipe.filled, 1)), PipeSpec(pipe.slots)):
        if simpler != pipe:
            yield replace(scenario, pipe=simpler)


def _simpler_mappings(scenario: Scenario) -> Iterator[Scenario]:
    for i, space in enumerate(scenario.spaces):
        for j, mapping in enumerate(space.mappings):
            fewer = _without(space.mappings, j)
            yield replace(scenario, spaces=_with(scenario.spaces, i, SpaceSpec(fewer)))
            for simpler in (
                replace(mapping, pages=1),
                replace(mapping, pages=max(mapping.pages - 1, 1)),
                replace(mapping, first=0),
                replace(mapping, shared=False),
                replace(mapping, writable=True),
                replace(mapping, present=False),
            ):
                if simpler != mapping:
                    changed = SpaceSpec(_with(space.mappings, j, simpler))
                    yield replace(scenario, spaces=_with(scenario.spaces, i, changed))


def _simpler_files(scenario: Scenario) -> Iterator[Scenario]:
    page_size = scenario.machine.page_size
    for i, file in enumerate(scenario.files):
        whole = -(-file.size // page_size) * page_size
        simpler = [
            replace(file, size=size, pages=file.pages[:pages], extents=file.extents[:pages])
            for size in (page_size, file.size - page_size, whole)
            if 0 < size != file.size
            for pages in [-(-size // page_size)]
        ]
        if file.extents:
            simpler.append(replace(file, extents=file.extents[:-1]))
        for j, extent in enumerate(file.extents):
            if extent != "written":
                simpler.append(replace(file, extents=_with(file.extents, j, "written")))
        if file.pages:
            simpler.append(replace(file, pages=file.pages[:-1]))
        for j, state in enumerate(file.pages):
            if state != "absent":
                simpler.append(replace(file, pages=_with(file.pages, j, "absent")))
                if state != "clean":
                    simpler.append(replace(file, pages=_with(file.pages, j, "clean")))
        for candidate in simpler:
            yield replace(scenario, files=_with(scenario.files, i, candidate))


def _simpler_operations(scenario: Scenario) -> Iterator[Scenario]:
    for i, cpu in enumerate(scenario.cpus):
        for j, operation in enumerate(cpu.program):
            for simpler in _simpler(operation, scenario.machine.page_size):
                program = _with(cpu.program, j, simpler)
                yield replace(scenario, cpus=_with(scenario.cpus, i, replace(cpu, program=program)))


def _simpler(operation: Operation, page_size: int) -> Iterator[Operation]:
    for name, number in asdict(operation).items():
        if isinstance(number, bool):
            if number and name != "writable":
                yield replace(operation, **{name: False})
        elif isinstance(number, int):
            for smaller in _smaller(name, number, page_size):
                yield replace(operation, **{name: smaller})
    if isinstance(operation, Write | Read | PipeWrite | PipeRead):
        buffer = operation.buffer
        for k, segment in enumerate(buffer):
            if len(buffer) > 1:
                yield replace(operation, buffer=_without(buffer, k))
            for name, number in (
                ("slot", segment.slot),
                ("offset", segment.offset),
                ("length", segment.length),
            ):
                for smaller in _smaller(name, number, page_size):
                    changed: Segment = replace(segment, **{name: smaller})
                    yield replace(operation, buffer=_with(buffer, k, changed))


def _smaller(name: str, number: int, page_size: int) -> Iterator[int]:
    if name in ("pages", "length"):
        choices = [page_size, 1] if name == "length" else [1]
    else:
        choices = [0, number // page_size * page_size, number - page_size, number - 1]
    for choice in choices:
        if 0 <= choice < number:
            yield choice
