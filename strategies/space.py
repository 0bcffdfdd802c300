"""What is done to an address space as a whole, drawn."""

from __future__ import annotations

from hypothesis import strategies as st

from fuzzcopy.scenario import Collapse, Idle, Operation, SwitchTo
from fuzzcopy.strategies.surroundings import Draw, Maker, Surroundings


def collapse(draw: Draw, at: Surroundings) -> Operation:
    return Collapse(at.slot(draw)[0])


def switch_to(draw: Draw, at: Surroundings) -> Operation:
    space = draw(st.integers(0, len(at.spaces) - 1))
    at.enter(space)
    return SwitchTo(space)


def idle(_draw: Draw, _at: Surroundings) -> Operation:
    return Idle()


MAKERS: dict[str, Maker] = {"collapse": collapse, "switchto": switch_to, "idle": idle}
