"""Other programs about the same as some."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st
from msgspec.structs import replace

from fuzzcopy.scenario import Scenario
from fuzzcopy.strategies.programs import dealt_programs
from fuzzcopy.strategies.scenarios import scenarios
from fuzzcopy.strategies.surroundings import Draw, Surroundings
from fuzzcopy.strategies.theme import theme_of
from fuzzcopy.strategies.vary import with_room


@st.composite
def alike(
    draw: Draw, models: Sequence[Scenario], *, operations: int = 3, cpus: int = 3
) -> Scenario:
    """A scenario with the theme of one of ``models``: its kinds of operation, sorts of mapping.

    Half of them have its whole world and other programs in it, half have a world of their own; the
    schedule is the default one.
    Where :func:`variations` change a detail of a program, these keep nothing of it.
    """
    model = models[draw(st.integers(0, len(models) - 1))]
    if draw(st.booleans()):
        return draw(scenarios(cpus=cpus, operations=operations, like=model))
    programs = draw(
        dealt_programs(
            surroundings=[Surroundings.of(model, cpu.space) for cpu in model.cpus],
            operations=operations,
            theme=theme_of(model),
        )
    )
    changed = [
        replace(cpu, program=program) for cpu, program in zip(model.cpus, programs, strict=True)
    ]
    return with_room(replace(model, cpus=tuple(changed), schedule=()))
