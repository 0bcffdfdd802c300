"""Exploration of kernel programs."""

from pathlib import Path

import pytest

from fuzzcopy.bugs import catalogue
from fuzzcopy.fuzz import draw_programs
from fuzzcopy.kernel import Kernel
from fuzzcopy.oracles import ALL, Oracle
from fuzzcopy.regression import load
from fuzzcopy.runner import explore, record, run

REGRESSIONS = Path(__file__).parents[2] / "regressions"


def outcomes(kernel, scenario, **how):
    """The verdicts and final states of all schedules, and what the exploration came to."""
    met = set()

    class Snapshot(Oracle):
        def finish(self):
            world = self.world
            blocks = {k: tuple(v) for k, v in world.machine.disk.blocks.items()}
            met.add(
                (
                    tuple(sorted(blocks.items())),
                    tuple(
                        (
                            file.size.peek(),
                            tuple(
                                (i, page.uptodate, page.dirty, tuple(page.frame.cells))
                                for i, page in sorted(file.pages.items())
                            ),
                        )
                        for file in world.kernel.files
                    ),
                )
            )

    explored = explore(kernel, scenario, oracles=(*ALL, Snapshot), **how)
    return (set(explored.failures), met), explored


@pytest.mark.slow
@pytest.mark.parametrize("name", ["reference", "prefault-then-sleep", "flush-before-clear"])
def test_reduction_misses_nothing_on_drawn_programs(name):
    """Verdicts and final states of the pages, files and disk equal those of all schedules."""
    kernel = catalogue().get(name, Kernel)
    compared = 0
    # Which these are, the seed alone does not say: Hypothesis also draws constants that it finds in
    # the modules that happen to be loaded.
    for scenario in draw_programs(3, 40):
        everything, full = outcomes(kernel, scenario, reduction=False, max_schedules=150)
        if full.end == "stopped":
            continue
        found, reduced = outcomes(kernel, scenario)
        assert found == everything, scenario
        compared += 1
        assert reduced.schedules <= full.schedules
    assert compared > 3


def test_a_bug_is_found_with_as_many_preemptions_as_it_takes():
    (path,) = REGRESSIONS.glob("dirty-cow-*.json")
    scenario = load(path).scenario
    kernel = catalogue()["dirty-cow"]
    none = explore(kernel, scenario, preemptions=0)
    one = explore(kernel, scenario, preemptions=1, first=True)
    assert (none.end, none.failures) == ("bounded", {})
    ((verdict, script),) = one.failures.values()
    outcome = record(kernel, scenario, script)
    assert str(outcome.verdict) == str(verdict)
    assert outcome.preemptions == 1


ENOUGH = 250
"""Schedules; some bugs take more, and then nothing is claimed."""


@pytest.mark.slow
@pytest.mark.parametrize("name", catalogue())
def test_no_recorded_failure_is_said_not_to_be_there(name: str) -> None:
    """What a schedule is known to lead to, exploration finds, or else it claims nothing."""
    kernel = catalogue()[name]
    for path in REGRESSIONS.glob(f"{name}-*.json"):
        outcome = run(kernel, load(path).scenario)
        for preemptions in (outcome.preemptions, None):
            explored = explore(
                kernel,
                outcome.scenario,
                preemptions=preemptions,
                max_schedules=ENOUGH,
                first=True,
                kind=outcome.kind,
            )
            assert outcome.kind in explored.failures or explored.schedules == ENOUGH


@pytest.mark.parametrize("name", catalogue())
def test_fewer_preemptions_are_not_enough_for_what_is_recorded_as_minimal(name: str) -> None:
    kernel = catalogue()[name]
    for path in REGRESSIONS.glob(f"{name}-*.json"):
        outcome = run(kernel, load(path).scenario)
        if load(path).minimal is True and outcome.preemptions:
            fewer = explore(
                kernel,
                outcome.scenario,
                preemptions=outcome.preemptions - 1,
                max_schedules=ENOUGH,
            )
            assert outcome.kind not in fewer.failures
