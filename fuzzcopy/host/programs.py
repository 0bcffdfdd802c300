"""Programs for a real kernel, drawn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hypothesis import strategies as st
from msgspec.structs import replace

from fuzzcopy.host.conductor import turn
from fuzzcopy.host.executor import DRAWN
from fuzzcopy.host.mounts import FUSE
from fuzzcopy.host.scale import MODEL_PAGE
from fuzzcopy.scenario import CpuSpec, Fork, Operation, Scenario, SpaceSpec, SwitchTo
from fuzzcopy.strategies import scenarios

NOT_ON_FUSE = ("punch", "fallocate")
"""pyfuse3 does not pass these on."""

NOT_BESIDE_OTHERS = ("fork", "directread", "directwrite")
"""The kinds that programs of several CPUs do not have."""

_MOST_FRAMES = 256
_LONGEST = 12
"""Operations of a program that was put together of two, at most."""


@st.composite
def programs(draw: st.DrawFn, operations: int = 8, *, fs: Sequence[str] = ()) -> Scenario:
    """Sequential programs for a real kernel, with the model's page size.

    What none of the file systems ``fs`` can do is left out.
    """
    return with_processes(draw(_scenarios(_kinds(fs), cpus=1, operations=operations)))


@st.composite
def concurrent(
    draw: st.DrawFn, cpus: int = 3, operations: int = 3, *, fs: Sequence[str] = ()
) -> Scenario:
    """Programs of several CPUs in one address space, and what is held at which turn."""
    kinds = [kind for kind in _kinds(fs) if kind not in NOT_BESIDE_OTHERS]
    drawn = draw(_scenarios(kinds, cpus=cpus, operations=operations))
    tape = draw(st.dictionaries(st.integers(0, 12), st.integers(1, 3), max_size=4))
    # Anonymous memory that is not there yet is what a copy can be stopped at everywhere.
    mappings = [
        replace(mapping, present=mapping.present and mapping.file is not None)
        for mapping in drawn.spaces[0].mappings
    ]
    return replace(
        drawn,
        spaces=(replace(drawn.spaces[0], mappings=tuple(mappings)),),
        cpus=tuple([replace(cpu, space=0) for cpu in drawn.cpus]),
        schedule=tuple([turn(number, value) for number, value in sorted(tape.items())]),
    )


def _kinds(fs: Sequence[str]) -> list[str]:
    only_fuse = bool(fs) and all(name in FUSE for name in fs)
    return [kind for kind in DRAWN if not (only_fuse and kind in NOT_ON_FUSE)]


def _scenarios(kinds: Sequence[str], *, cpus: int, operations: int) -> st.SearchStrategy[Scenario]:
    return scenarios(
        cpus=cpus,
        operations=operations,
        hazards=False,
        kinds=kinds,
        page_size=MODEL_PAGE,
        chunk=MODEL_PAGE,
    )


def mixed(drawn: Sequence[Scenario]) -> Iterator[Scenario]:
    """Each program in the surroundings of the two before it, and after the program before it.

    To draw a program takes several times as long as to run it everywhere; what is drawn goes
    further so.
    """
    for i, scenario in enumerate(drawn):
        for before in (1, 2):
            around = drawn[(i - before) % len(drawn)]
            if around is not scenario and _fits(scenario, around):
                yield _inside(around, [cpu.program for cpu in scenario.cpus])
        before_it = drawn[i - 1]
        if len(scenario.cpus) == len(before_it.cpus) == 1 and _fits(before_it, scenario):
            both = before_it.cpus[0].program + scenario.cpus[0].program
            yield _inside(scenario, [both[:_LONGEST]])


def _fits(scenario: Scenario, around: Scenario) -> bool:
    """Whether the programs of ``scenario`` find in ``around`` all that they name."""
    slots = {mapping.slot for space in around.spaces for mapping in space.mappings}
    named = {mapping.slot for space in scenario.spaces for mapping in space.mappings}
    return (
        named <= slots
        and len(scenario.files) <= len(around.files)
        and len(scenario.cpus) == len(around.cpus)
    )


def _inside(around: Scenario, programs: Sequence[tuple[Operation, ...]]) -> Scenario:
    return with_processes(
        replace(
            around,
            cpus=tuple([CpuSpec(program) for program in programs]),
            spaces=around.spaces[:1],
            machine=replace(around.machine, frames=_MOST_FRAMES),
        )
    )


def with_processes(scenario: Scenario) -> Scenario:
    """The same program where its first fork makes a process, and each further one changes over."""
    program: list[Operation] = []
    forks = 0
    for operation in scenario.cpus[0].program:
        if isinstance(operation, Fork | SwitchTo):
            program.append(SwitchTo(forks % 2) if forks else Fork(1))
            forks += 1
        else:
            program.append(operation)
    if not forks:
        return scenario
    machine = scenario.machine
    return replace(
        scenario,
        cpus=(replace(scenario.cpus[0], program=tuple(program)),),
        spaces=(scenario.spaces[0], SpaceSpec()),
        machine=replace(machine, frames=min(2 * machine.frames, _MOST_FRAMES)),
    )
