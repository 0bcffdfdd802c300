"""Every plain program goes wrong under some schedules; its correct twin never does.

All seeds are fixed, so nothing here depends on luck or on time.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks import programs
from benchmarks.program import Program, Setup
from fuzzcopy.sched import (
    Crash,
    Deadlock,
    Pct,
    Policy,
    RandomWalk,
    Scheduler,
    Verdict,
    drive,
    run_many,
)
from fuzzcopy.sched.driver import Driver

PROGRAMS = programs.discover()

SILENT = 250
"""Schedules of each policy under which a correct twin must stay silent."""


@pytest.fixture(params=PROGRAMS)
def program(request: pytest.FixtureRequest) -> Program:
    return PROGRAMS[request.param]


def pct(depth: int) -> Callable[[int, int], Policy]:
    return lambda seed, points: Pct(seed, depth=depth, steps=points)


POLICIES: dict[str, Callable[[int, int], Policy]] = {
    "random walk": lambda seed, points: RandomWalk(seed),
    "pct 1": pct(1),
    "pct 2": pct(2),
    "pct 3": pct(3),
}


def first_failure(setup: Setup, points: int, budget: int, *names: str) -> BaseException | None:
    """The first failure within ``budget`` schedules of the named policies in turn."""
    makers = [POLICIES[name] for name in names]
    policies = (makers[seed % len(makers)](seed, points) for seed in range(budget))
    return run_many(setup, policies)[-1].failure


def all_runs(setup: Setup, points: int, budget: int, name: str) -> list[Scheduler]:
    """``budget`` runs, failed or not."""

    async def each(driver: Driver) -> list[Scheduler]:
        done = []
        for seed in range(budget):
            scheduler = Scheduler(POLICIES[name](seed, points))
            setup(scheduler)
            await driver.run(scheduler)
            done.append(scheduler)
        return done

    return drive(each)


def test_the_folder_is_the_registry() -> None:
    files = {path.stem for path in Path(programs.__file__).parent.glob("*.py")} - {"__init__"}
    assert set(PROGRAMS) == files
    assert set(PROGRAMS) >= {
        "account",
        "bluetooth_driver",
        "deadlock01",
        "figure_1a",
        "figure_1b",
        "figure_1c",
        "lazy01",
        "reorder_3",
        "reorder_10",
        "stringbuffer",
        "twostage",
    }


def test_a_file_without_a_program_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "empty_file.py").write_text("")
    monkeypatch.setattr(programs, "__path__", [str(tmp_path)])
    with pytest.raises(TypeError, match=r"empty_file\.py must define PROGRAM"):
        programs.discover()


def test_the_bug_is_found(program: Program) -> None:
    failure = first_failure(program.buggy, program.points, 2_000, *POLICIES)
    assert isinstance(failure, Verdict)
    assert failure.kind == program.verdict
    if isinstance(failure, Crash):
        # By its own words, not by a slip of the port.
        assert isinstance(failure.__cause__, AssertionError)
    else:
        assert isinstance(failure, Deadlock)
        assert failure.cycle


@pytest.mark.parametrize("policy", POLICIES)
def test_the_correct_twin_is_silent(program: Program, policy: str) -> None:
    done = run_many(
        program.correct, (POLICIES[policy](seed, program.points) for seed in range(SILENT))
    )
    assert done[-1].failure is None
    assert len(done) == SILENT


def test_the_depth_is_the_least_that_finds_it(program: Program) -> None:
    # P(hit per run) >= 1/(n*k^(d-1)); for a miss in less than one of a hundred:
    budget = math.ceil(math.log(100) * program.tasks * program.points ** (program.depth - 1))
    name = f"pct {program.depth}"
    assert first_failure(program.buggy, program.points, budget, name) is not None
    if program.depth > 1:
        shallower = f"pct {program.depth - 1}"
        assert first_failure(program.buggy, program.points, SILENT, shallower) is None


def test_tasks_and_points_are_what_runs_show(program: Program) -> None:
    done = all_runs(program.buggy, program.points, SILENT, "random walk")
    assert {len(scheduler.tasks) for scheduler in done} == {program.tasks}
    assert max(scheduler.steps for scheduler in done) == program.points
