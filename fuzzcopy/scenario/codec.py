"""JSON in and out. What is read is untrusted: shape, ranges and references are all checked."""

from __future__ import annotations

import msgspec
from msgspec import UNSET

from fuzzcopy.scenario.operations import Fork, PipeRead, PipeWrite, Read, SwitchTo, Write
from fuzzcopy.scenario.scenario import Scenario

MAX_CPUS = 16
MAX_OPERATIONS = 1_000


class ScenarioError(ValueError):
    """The data is no scenario; the message says where and why."""


def encode(scenario: Scenario) -> bytes:
    """The one JSON form of ``scenario``."""
    return msgspec.json.encode(scenario, order="deterministic")


def decode(data: bytes) -> Scenario:
    """Read and check a scenario. Raises :class:`ScenarioError`."""
    try:
        scenario = msgspec.json.decode(data, type=Scenario)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise ScenarioError(str(error)) from None
    check(scenario)
    return scenario


def check(scenario: Scenario) -> None:
    """Raise :class:`ScenarioError` if a part refers to something that is not there."""
    machine = scenario.machine
    for name, number in (("page_size", machine.page_size), ("chunk", machine.chunk)):
        if number & (number - 1):
            raise ScenarioError(f"machine.{name} must be a power of two, not {number}")
    if not 1 <= len(scenario.cpus) <= MAX_CPUS:
        raise ScenarioError(f"a scenario has 1 to {MAX_CPUS} cpus, not {len(scenario.cpus)}")
    if scenario.operations > MAX_OPERATIONS:
        raise ScenarioError(f"a scenario has at most {MAX_OPERATIONS} operations")
    for i, spec in enumerate(scenario.spaces):
        slots = [mapping.slot for mapping in spec.mappings]
        if len(set(slots)) != len(slots):
            raise ScenarioError(f"spaces[{i}] maps one slot twice")
        for mapping in spec.mappings:
            _file(scenario, mapping.file, f"spaces[{i}]")
    for i, file in enumerate(scenario.files):
        if len(file.pages) > -(-file.size // machine.page_size):
            raise ScenarioError(f"files[{i}] has more cached pages than its size allows")
        if len(file.extents) > -(-file.size // machine.page_size):
            raise ScenarioError(f"files[{i}] has more extents than its size allows")
        if file.size > 64 * machine.page_size:
            raise ScenarioError(f"files[{i}] is larger than 64 pages")
    if scenario.pipe.filled > scenario.pipe.slots:
        raise ScenarioError(
            f"pipe.filled is {scenario.pipe.filled}, but it has {scenario.pipe.slots} slots"
        )
    if scenario.orders is not UNSET and (problem := scenario.orders.problem()):
        raise ScenarioError(problem)
    used = _frames_in_use(scenario)
    if used > machine.frames:
        raise ScenarioError(f"machine.frames is {machine.frames}, but {used} are used at the start")
    for space, _, _ in scenario.faults.poison:
        if space >= len(scenario.spaces):
            raise ScenarioError(f"faults.poison names space {space}, which does not exist")
    for _, number, _ in scenario.faults.errors:
        _file(scenario, number, "faults.errors")
    for i, cpu in enumerate(scenario.cpus):
        if cpu.space >= len(scenario.spaces):
            raise ScenarioError(f"cpus[{i}] runs in space {cpu.space}, which does not exist")
        for j, operation in enumerate(cpu.program):
            where = f"cpus[{i}].program[{j}]"
            _file(scenario, getattr(operation, "file", None), where)
            match operation:
                case (
                    Write(_, _, buffer) | Read(_, _, buffer) | PipeWrite(buffer) | PipeRead(buffer)
                ):
                    _length(sum(s.length for s in buffer), machine.page_size, where)
                    if len(buffer) > 64:
                        raise ScenarioError(f"{where} has more than 64 segments")
                case SwitchTo(space) | Fork(space) if space >= len(scenario.spaces):
                    raise ScenarioError(f"{where} names space {space}, which does not exist")
                case _:
                    _length(getattr(operation, "length", 0), machine.page_size, where)


def _frames_in_use(scenario: Scenario) -> int:
    cached = sum(state != "absent" for file in scenario.files for state in file.pages)
    return (
        cached
        + scenario.pipe.filled
        + sum(
            mapping.pages
            for space in scenario.spaces
            for mapping in space.mappings
            if mapping.file is None and mapping.present
        )
    )


def _file(scenario: Scenario, number: int | None, where: str) -> None:
    if number is not None and number >= len(scenario.files):
        raise ScenarioError(f"{where} names file {number}, which does not exist")


def _length(length: int, page_size: int, where: str) -> None:
    if length > 64 * page_size:
        raise ScenarioError(f"{where} moves more than 64 pages")
