"""Exploration of kernel programs."""

from pathlib import Path

import pytest

from fuzzcopy.bugs import catalogue
from fuzzcopy.fuzz import draw_programs
from fuzzcopy.kernel import Kernel
from fuzzcopy.oracles import ALL, Oracle
from fuzzcopy.regression import load
from fuzzcopy.runner import explore, record

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
    (path,) = REGRESSIONS.glob("prefault-then-sleep-*.json")
    scenario = load(path).scenario
    kernel = catalogue()["prefault-then-sleep"]
    none = explore(kernel, scenario, preemptions=0)
    one = explore(kernel, scenario, preemptions=1, first=True)
    assert (none.end, none.failures) == ("bounded", {})
    ((verdict, script),) = one.failures.values()
    outcome = record(kernel, scenario, script)
    assert str(outcome.verdict) == str(verdict)
    assert outcome.preemptions == 1
