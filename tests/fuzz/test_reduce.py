"""The reducer ends by itself, as small as it gets."""

from fuzzcopy.bugs import catalogue
from fuzzcopy.fuzz.reduce import STEPS, Reducer, reduce
from fuzzcopy.runner import run
from fuzzcopy.scenario import (
    Actors,
    CpuSpec,
    FileSpec,
    Invalidate,
    MappingSpec,
    PipeSpec,
    Read,
    Scenario,
    Segment,
    SpaceSpec,
    Switch,
    Write,
)

KERNEL = catalogue()["sleeping-copy"]

LARGE = Scenario(
    cpus=(
        CpuSpec((Read(0, 0, (Segment(0, 0, 4),)), Write(0, 19, (Segment(0, 20, 8),)))),
        CpuSpec((Read(0, 16, (Segment(0, 0, 4),)),)),
    ),
    files=(FileSpec(48), FileSpec(16)),
    spaces=(SpaceSpec((MappingSpec(0, 3, 0),)), SpaceSpec()),
    pipe=PipeSpec(4, 2),
)


def test_it_ends_long_before_its_budget_and_nothing_is_left_that_can_go() -> None:
    outcome = run(KERNEL, LARGE)
    assert outcome.kind == "deadlock"
    reducer = Reducer(KERNEL, outcome)
    smallest = reducer.reduce().scenario
    assert reducer.steps_left > STEPS - 100_000
    assert smallest == Scenario(
        cpus=(CpuSpec((Write(0, 0, (Segment(0, 0, 1),)),)),),
        files=(FileSpec(16),),
        spaces=(SpaceSpec((MappingSpec(0, 1, 0, present=False),)),),
    )


def test_what_comes_in_between_comes_before_where_everything_is_there() -> None:
    kernel = catalogue()["prefault-then-sleep"]
    scenario = Scenario(
        cpus=(CpuSpec((Write(0, 0, (Segment(0, 0, 1),)),)),),
        files=(FileSpec(16, ("clean",)),),
        spaces=(SpaceSpec((MappingSpec(0, 1, 0, present=False),)),),
        actors=Actors(kswapd=1),
        schedule=(Switch("cpu0", "user.read frame0", 1, "kswapd"),),
    )
    outcome = run(kernel, scenario)
    assert (outcome.kind, outcome.preemptions) == ("deadlock", 1)
    smallest = reduce(kernel, outcome)
    assert (smallest.kind, smallest.preemptions) == ("deadlock", 0)
    assert smallest.scenario.operations == 1


def test_what_comes_in_between_comes_while_the_disk_is_waited_for() -> None:
    kernel = catalogue()["no-recheck-after-relock"]
    scenario = Scenario(
        cpus=(CpuSpec((Write(0, 0, (Segment(0, 0, 16),)),)), CpuSpec((Invalidate(0),))),
        files=(FileSpec(16),),
        spaces=(SpaceSpec((MappingSpec(0, 1, present=False),)),),
        schedule=(Switch("cpu0", "user.read frame2", 1, "cpu1"),),
    )
    outcome = run(kernel, scenario)
    assert (outcome.kind, outcome.preemptions) == ("lost write", 1)
    smallest = reduce(kernel, outcome)
    assert (smallest.kind, smallest.preemptions) == ("lost write", 0)
    assert smallest.scenario.operations == 2
