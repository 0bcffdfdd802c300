"""Tiny histories of one byte, and every linear order of them that respects real time."""

from dataclasses import dataclass
from itertools import permutations

from hypothesis import strategies as st

from fuzzcopy.kernel import UserBuffer
from fuzzcopy.machine import ZERO
from fuzzcopy.oracles.call import Call
from fuzzcopy.oracles.history import UNKNOWN, Access, Cut, History
from fuzzcopy.scenario import Read, Segment, Write

BYTE = 1
"""The byte that is looked at; there are others on both sides of it."""


@dataclass(frozen=True)
class Op:
    """``kind``: write or read ``value``, write ``above`` the byte, cut to ``value`` bytes."""

    kind: str
    value: int
    begin: int
    end: int


def history_of(initial_size: int, initial: int, ops: tuple[Op, ...]) -> History:
    """What the oracle is told: each operation at its end."""
    cells = [7, initial, 8][:initial_size]
    history = History("f0", initial_size, cells)
    for op in sorted(ops, key=lambda op: op.end):
        match op.kind:
            case "write":
                history.write(Access("w", op.begin, op.end, BYTE, [op.value]))
            case "above":
                history.write(Access("w", op.begin, op.end, BYTE + 1, [8]))
            case "read":
                history.read(Access("r", op.begin, op.end, BYTE, [op.value]))
            case "cut":
                history.cut(Cut("c", op.begin, op.end, op.value))
    return history


def history_as_copied(
    initial_size: int, initial: int, ops: tuple[Op, ...], moments: list[float]
) -> History:
    """What the oracle is told if each read and write is a call that copies at a moment.

    ``moments`` say when, from 0 (at its begin) to 1 (at its end). What is written is unknown to
    those who write ``UNKNOWN``: they announce nothing.
    """
    history = History("f0", initial_size, [7, initial, 8][:initial_size])
    events: list[tuple[float, int, Op, Call]] = []
    for op, moment in zip(ops, moments, strict=True):
        offset = BYTE + (op.kind == "above")
        operation = (Read if op.kind == "read" else Write)(0, offset, (Segment(0, 0, 1),))
        call = Call(operation, history, UserBuffer([(0, 1)]), op.begin, [UNKNOWN])
        events.append((op.begin + moment * (op.end - op.begin), 0, op, call))
        events.append((op.end, 1, op, call))
    for _, is_over, op, call in sorted(events, key=lambda event: event[:2]):
        if op.kind == "cut":
            if is_over:
                history.cut(Cut("c", op.begin, op.end, op.value))
        elif is_over:
            call.over(op.kind, op.end, 1)
        elif op.value != UNKNOWN:
            call.moved(0, [8 if op.kind == "above" else op.value])
    return history


def explained(initial_size: int, initial: int, ops: tuple[Op, ...]) -> bool:
    """Whether some order of ``ops`` that respects real time gives every read its value."""
    return any(
        plays(initial_size, initial, order)
        for order in permutations(ops)
        if not any(
            later.end < earlier.begin for i, earlier in enumerate(order) for later in order[i + 1 :]
        )
    )


def plays(initial_size: int, initial: int, order: tuple[Op, ...]) -> bool:
    value = initial if initial_size > BYTE else None  # None: past the end of the file
    for op in order:
        match op.kind:
            case "write":
                value = op.value
            case "above":
                value = ZERO if value is None else value
            case "cut" if op.value <= BYTE:
                value = None
            case "cut":
                value = ZERO if value is None else value
            case "read" if value != op.value and value != UNKNOWN:
                return False
    return True


@st.composite
def histories(draw: st.DrawFn, *, simple: bool = False) -> tuple[int, int, tuple[Op, ...]]:
    """An initial size, the byte's first value, up to five operations on it.

    ``simple`` ones have no change of size, and no value is written twice.
    """
    count = draw(st.integers(1, 5))
    instants = draw(st.permutations(range(2 * count)))
    ops = []
    for i in range(count):
        begin, end = sorted(instants[2 * i : 2 * i + 2])
        kinds = ["read", "write", "read", "write", "cut", "above"]
        kind = draw(st.sampled_from(kinds[:2] if simple else kinds))
        sizes = st.integers(0, 3)
        values = st.sampled_from([1, 2, 3, ZERO])
        written = st.just(i + 2) if simple else st.sampled_from([2, 3, 4, ZERO, UNKNOWN])
        value = draw({"read": values, "write": written, "cut": sizes, "above": sizes}[kind])
        if draw(st.booleans()):
            begin = end  # a load or a store of a mapping: one instant
        ops.append(Op(kind, value, begin, end))
    return 3 if simple else draw(st.integers(0, 3)), 1, tuple(ops)
