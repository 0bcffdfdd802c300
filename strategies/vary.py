"""Variations of programs that have turned out to be worth it."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st
from msgspec.structs import replace

from fuzzcopy.scenario import CpuSpec, Fork, Operation, Scenario, SpaceSpec, kind_of
from fuzzcopy.strategies.focus import FOCUSES, SORTS
from fuzzcopy.strategies.programs import make
from fuzzcopy.strategies.surroundings import Draw, Surroundings


@st.composite
def variations(
    draw: Draw, scenarios: Sequence[Scenario], *, operations: int = 3, cpus: int = 3
) -> Scenario:
    """One of ``scenarios``, with one or two things about it changed.

    An operation is added, left out, replaced, or done by another CPU or at another time; or a
    mapping is of another sort. What is added has to do with what is there. No CPU gets more than
    ``operations`` operations, and there are no more than ``cpus`` of them.
    """
    scenario = scenarios[draw(st.integers(0, len(scenarios) - 1))]
    for _ in range(draw(st.integers(1, 2))):
        scenario = _varied(draw, scenario, operations, cpus)
    return with_room(scenario)


def _varied(draw: Draw, scenario: Scenario, operations: int, cpus: int) -> Scenario:
    match draw(st.integers(0, 9)):
        case 0 | 1 | 2 | 3:
            return _more(draw, scenario, operations, cpus)
        case 4:
            return _fewer(draw, scenario)
        case 5 | 6:
            return _replaced(draw, scenario)
        case 7 | 8:
            return _moved(draw, scenario, operations)
        case _:
            return _shown_otherwise(draw, scenario)


def _more(draw: Draw, scenario: Scenario, operations: int, cpus: int) -> Scenario:
    width = len(scenario.cpus)
    cpu = draw(st.integers(0, min(width, cpus - 1)))
    if cpu == width:
        home = scenario.cpus[draw(st.integers(0, width - 1))].space
        alone = CpuSpec((_related(draw, scenario, home),), home)
        return replace(scenario, cpus=(*scenario.cpus, alone))
    spec = scenario.cpus[cpu]
    if len(spec.program) >= operations:
        return _replaced(draw, scenario)
    at = draw(st.integers(0, len(spec.program)))
    fresh = _related(draw, scenario, spec.space)
    return _with(scenario, cpu, (*spec.program[:at], fresh, *spec.program[at:]))


def _fewer(draw: Draw, scenario: Scenario) -> Scenario:
    cpu, at = _any(draw, scenario)
    program = scenario.cpus[cpu].program
    if len(program) == 1:
        return _replaced(draw, scenario)
    return _with(scenario, cpu, (*program[:at], *program[at + 1 :]))


def _replaced(draw: Draw, scenario: Scenario) -> Scenario:
    cpu, at = _any(draw, scenario)
    spec = scenario.cpus[cpu]
    fresh = _related(draw, scenario, spec.space)
    return _with(scenario, cpu, (*spec.program[:at], fresh, *spec.program[at + 1 :]))


def _moved(draw: Draw, scenario: Scenario, operations: int) -> Scenario:
    cpu, at = _any(draw, scenario)
    program = scenario.cpus[cpu].program
    rest = (*program[:at], *program[at + 1 :])
    to = draw(st.integers(0, len(scenario.cpus) - 1))
    if to != cpu and (not rest or len(scenario.cpus[to].program) >= operations):
        to = cpu
    if to != cpu:
        scenario = _with(scenario, cpu, rest)
        rest = scenario.cpus[to].program
    place = draw(st.integers(0, len(rest)))
    return _with(scenario, to, (*rest[:place], program[at], *rest[place:]))


def _shown_otherwise(draw: Draw, scenario: Scenario) -> Scenario:
    space = draw(st.integers(0, len(scenario.spaces) - 1))
    mappings = scenario.spaces[space].mappings
    if not mappings:
        return _replaced(draw, scenario)
    slot = draw(st.integers(0, len(mappings) - 1))
    mapping = mappings[slot]
    sort = SORTS[draw(st.integers(0, len(SORTS) - 2))]
    present = draw(st.booleans())
    if mapping.file is None:
        changed = replace(mapping, present=present)
    else:
        changed = replace(
            mapping,
            shared=sort.startswith("shared"),
            writable="read-only" not in sort,
            present=present,
        )
    spec = SpaceSpec((*mappings[:slot], changed, *mappings[slot + 1 :]))
    spaces = (*scenario.spaces[:space], spec, *scenario.spaces[space + 1 :])
    return replace(scenario, spaces=spaces)


def with_room(scenario: Scenario) -> Scenario:
    """What the operations need that may not have been there: a space to fork into, a frame each."""
    machine = replace(scenario.machine, frames=scenario.machine.frames + 2)
    if len(scenario.spaces) > 1:
        return replace(scenario, machine=machine)
    cpus = [
        replace(cpu, program=tuple([Fork(1) if isinstance(op, Fork) else op for op in cpu.program]))
        for cpu in scenario.cpus
    ]
    if cpus == [*scenario.cpus]:
        return replace(scenario, machine=machine)
    spaces = (*scenario.spaces, SpaceSpec())
    return replace(scenario, machine=machine, cpus=tuple(cpus), spaces=spaces)


def _any(draw: Draw, scenario: Scenario) -> tuple[int, int]:
    """The number of a CPU, and of an operation of its program."""
    places = [(c, at) for c, cpu in enumerate(scenario.cpus) for at in range(len(cpu.program))]
    return places[draw(st.integers(0, len(places) - 1))]


def _with(scenario: Scenario, cpu: int, program: Sequence[Operation]) -> Scenario:
    changed = replace(scenario.cpus[cpu], program=tuple(program))
    return replace(scenario, cpus=(*scenario.cpus[:cpu], changed, *scenario.cpus[cpu + 1 :]))


def _related(draw: Draw, scenario: Scenario, home: int) -> Operation:
    """An operation of a kind that has to do with one that is there, for a CPU in space ``home``.

    Every second time it is a plain access.
    """
    at = Surroundings.of(scenario, home)
    if draw(st.booleans()):
        return make(("store", "load", "store")[draw(st.integers(0, 2))], draw, at)
    cpu, number = _any(draw, scenario)
    kind = kind_of(scenario.cpus[cpu].program[number])
    focuses = [focus.kinds for focus in FOCUSES.values() if kind in focus.kinds]
    if not focuses:
        focuses = [focus.kinds for focus in FOCUSES.values() if focus.kinds]
    kinds = focuses[draw(st.integers(0, len(focuses) - 1))]
    return make(kinds[draw(st.integers(0, len(kinds) - 1))], draw, at)
