"""A schedule stays in place when an operation before it is left out."""

from msgspec.structs import replace

from fuzzcopy.fuzz.anchor import boundaries, reanchored
from fuzzcopy.kernel import Kernel
from fuzzcopy.scenario import (
    CpuSpec,
    FileSpec,
    Load,
    MappingSpec,
    Scenario,
    SpaceSpec,
    Store,
    Switch,
)

WHOLE = Scenario(
    cpus=(CpuSpec((Load(0, 0, 8), Load(0, 8, 8), Load(0, 0, 8))), CpuSpec((Store(0, 0, 8),))),
    files=(FileSpec(16, ("clean",)),),
    spaces=(SpaceSpec((MappingSpec(0, 1, 0, shared=True),)),),
)


def _part(number: int, schedule: tuple[Switch, ...]) -> Scenario:
    program = WHOLE.cpus[0].program
    shorter = CpuSpec((*program[:number], *program[number + 1 :]))
    return replace(WHOLE, cpus=(shorter, WHOLE.cpus[1]), schedule=schedule)


def test_a_place_after_what_is_left_out_is_counted_anew() -> None:
    seen = boundaries(Kernel, WHOLE)
    before, after = seen.counts["cpu0", 1], seen.counts["cpu0", 2]
    label = next(label for label in before if before[label] < after[label])
    first, second = before[label], after[label]
    later, within, other = (
        Switch("cpu0", label, second + 1, "cpu1"),
        Switch("cpu0", label, second, "cpu1"),
        Switch("cpu1", label, second + 1, "cpu0"),
    )
    moved = reanchored(WHOLE, _part(1, (within, later, other)), seen)
    assert moved is not None
    assert moved.schedule == (replace(later, nth=first + 1), other)


def test_what_comes_before_stays() -> None:
    seen = boundaries(Kernel, WHOLE)
    label = next(iter(seen.counts["cpu0", 1]))
    assert reanchored(WHOLE, _part(1, (Switch("cpu0", label, 1, "cpu1"),)), seen) is None


def test_anything_else_is_left_alone() -> None:
    seen = boundaries(Kernel, WHOLE)
    assert reanchored(WHOLE, WHOLE, seen) is None
    assert reanchored(WHOLE, replace(WHOLE, cpus=WHOLE.cpus[:1]), seen) is None
