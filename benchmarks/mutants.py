"""Whether anything notices when one action of the kernel is left out."""

from __future__ import annotations

import json
import multiprocessing
import os
import re
import subprocess
import sys
import time
import tomllib
from collections import Counter
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path

import click
from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis import strategies as st
from rich.console import Console
from rich.table import Table

from benchmarks.errors import Unusable
from benchmarks.mutated import VARIABLE
from benchmarks.mutation import (
    all_mutants,
    kernel_of,
    let_go_of_anything,
    marked_kernel,
)
from fuzzcopy.bugs import catalogue
from fuzzcopy.oracles import ALL
from fuzzcopy.regression.format import parse
from fuzzcopy.runner import Tally, find_failure, policies_for
from fuzzcopy.runner.runner import deviations
from fuzzcopy.scenario import Scenario
from fuzzcopy.sched import Policy, RandomWalk, Replay, Sparse, Verdict
from fuzzcopy.strategies import scenarios

Program = tuple[Scenario, int, int]
"""A scenario, a seed, and its schedules before it is the next one's turn. If the scenario has a
schedule of its own, that comes before all."""

DRAWN, RECORDED = 6, 20
"""So many for one that was drawn, and for one that is known to make a bug fail."""

REGRESSIONS = Path(__file__).parents[1] / "regressions"

FAILURES = REGRESSIONS / "mutants"
"""Of mutants, shrunk, by name: the reference kernel passes them."""

TESTS = REGRESSIONS.parent / "tests" / "kernel"
"""What a mutant that no search finds is given to afterwards."""

KNOWN = Path(__file__).with_name("survivors.toml")
"""Why those that survive may: ``name = "reason"`` for each.

``bug NAME: ...`` says which bug of the catalogue does what the mutant does: that one is found, with
more schedules than there are here. ``test PATH: ...`` names a test that fails. ``unreached: ...``
holds as long as no program comes there. Any other says why nothing is wrong with the mutant.
"""


@dataclass(frozen=True)
class Trial:
    """What became of one mutant: ``killed`` by which verdict, or by which test.

    ``programs`` of those drawn come to the place where something is left out.
    """

    name: str
    kind: str
    killed: str | None
    programs: int
    schedules: int
    undecided: int
    seconds: float


@click.command()
@click.argument("words", nargs=-1)
@click.option("--programs", type=click.IntRange(min=1), default=2_000, show_default=True)
@click.option("--schedules", type=click.IntRange(min=1), default=4_000, show_default=True)
@click.option("--limit", type=float, default=120.0, show_default=True, help="Seconds a mutant.")
@click.option("--seed", "first", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--jobs", type=click.IntRange(min=1), default=os.cpu_count() or 1, show_default=True)
def mutants(
    words: tuple[str, ...], programs: int, schedules: int, limit: float, first: int, jobs: int
) -> None:
    """Fuzz each mutant of the reference kernel, or those whose name has one of WORDS in it.

    What no search finds is given to the kernel's tests.

    Exit status 1 if one survives without a reason, or one with a reason is killed after all.
    """
    known: dict[str, str] = tomllib.loads(KNOWN.read_text("utf-8"))
    names = [name for name in all_mutants() if not words or any(word in name for word in words)]
    begun = time.monotonic()
    _PROGRAMS.update(_reaching(programs, first))
    work = [(name, schedules, limit) for name in names]
    trials = []
    with multiprocessing.Pool(jobs, maxtasksperchild=1) as pool:
        for trial in pool.imap_unordered(_try, work, chunksize=1):
            trials.append(trial)
            click.echo(f"{len(trials)}/{len(work)} {trial.name}: {trial.killed}", err=True)
    trials.sort(key=lambda trial: trial.name)
    for name, reason in known.items():
        if problem := _unfounded(reason):
            raise Unusable(f"{KNOWN.name}: {name}: {problem}")
    unexplained = [t.name for t in trials if t.killed is None and t.name not in known]
    stale = [t.name for t in trials if t.killed is not None and t.name in known]
    unreached = [name for name, reason in known.items() if reason.startswith("unreached")]
    stale += [t.name for t in trials if t.programs and t.name in unreached]
    stale += [name for name in known if name not in all_mutants()]
    _print(trials, known, unexplained, stale)
    print(
        json.dumps(
            {
                "benchmark": "mutants",
                "seed": first,
                "programs": programs,
                "schedules": schedules,
                "seconds": round(time.monotonic() - begun, 1),
                "mutants": len(trials),
                "killed": dict(Counter(_judge(t.killed) for t in trials if t.killed)),
                "survived": {t.name: known.get(t.name) for t in trials if t.killed is None},
                "stale": stale,
                "trials": [asdict(trial) for trial in trials],
            }
        )
    )
    sys.exit(bool(unexplained or stale))


def _unfounded(reason: str) -> str:
    """What a reason refers to that is not there."""
    kind, _, rest = reason.partition(" ")
    word = rest.split(":")[0].split(" ")[0]
    if kind == "bug" and word not in catalogue():
        return f"there is no bug {word!r}"
    if kind == "test" and not (REGRESSIONS.parent / word).is_file():
        return f"there is no test {word!r}"
    return ""


def _corpus(programs: int, first: int) -> list[Program]:
    """Programs and seeds: those of regressions, and others as ``fuzzcopy fuzz`` draws.

    What a bug does wrong the mutant that leaves out the same does wrong, too.
    """
    drawn = [
        (parse(path.read_bytes()).scenario, first, RECORDED)
        for folder in (FAILURES, REGRESSIONS)
        for path in sorted(folder.glob("*.json"))
    ]

    @seed(first)
    @settings(
        max_examples=programs,
        database=None,
        deadline=None,
        derandomize=False,
        phases=[Phase.generate],
        verbosity=Verbosity.quiet,
        suppress_health_check=list(HealthCheck),
    )
    @given(scenarios(), st.integers(0, (1 << 32) - 1))
    def each(scenario: Scenario, seed_: int) -> None:
        drawn.append((scenario, seed_, DRAWN))

    each()
    return drawn


def _reaching(programs: int, first: int) -> dict[str, list[Program]]:
    """By mutant, the programs that come to the place where something is left out."""
    reached: dict[str, None] = {}
    kernel = marked_kernel(lambda name: reached.update({name: None}))
    found: dict[str, list[Program]] = {name: [] for name in all_mutants()}
    for scenario, seed_, together in _corpus(programs, first):
        reached.clear()
        policies = [*_recorded(scenario), Sparse({}), RandomWalk(seed_)]
        failure = find_failure(kernel, scenario, policies, oracles=())
        assert failure is None, failure
        for name in reached:
            found[name].append((scenario, seed_, together))
    return found


def _recorded(scenario: Scenario) -> list[Policy]:
    """The schedule that a scenario came with, if it had one."""
    return [Replay(deviations(scenario), skip_missing=True)] if scenario.schedule else []


_PROGRAMS: dict[str, list[Program]] = {}
"""What :func:`_reaching` found, for the processes that are forked."""


def _try(job: tuple[str, int, float]) -> Trial:
    name, schedules, limit = job
    mutant = all_mutants()[name]
    if mutant.kind == "lock":
        let_go_of_anything()
    kernel = kernel_of(mutant)
    tally = Tally()
    begun = time.monotonic()
    killed: str | None = None
    # Every program a little before any of them for long.
    for turn in range(schedules):
        before = tally.schedules
        for scenario, seed_, together in _PROGRAMS[name]:
            if tally.schedules >= schedules or time.monotonic() > begun + limit:
                break
            drawn = policies_for(seed_ + turn, together, tally)
            policies = drawn if turn else chain(_recorded(scenario), drawn)
            found = find_failure(kernel, scenario, policies, oracles=ALL, tally=tally)
            if found is not None:
                failure = found.failure
                killed = failure.kind if isinstance(failure, Verdict) else type(failure).__name__
                break
        if killed is not None or tally.schedules == before:
            break
    if killed is None:
        killed = _failing_test(name)
    return Trial(
        name,
        mutant.kind,
        killed,
        len(_PROGRAMS[name]),
        tally.schedules,
        tally.undecided,
        round(time.monotonic() - begun, 1),
    )


def _judge(killed: str) -> str:
    return "a test" if "::" in killed else killed


def _failing_test(name: str) -> str | None:
    """The first of the kernel's own tests that fails for the mutant."""
    options = ["-x", "-q", "--tb=no", "-p", "no:cacheprovider", "-p", "benchmarks.mutated"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "--hypothesis-seed=0", str(TESTS)],
        cwd=TESTS.parents[1],
        env=os.environ | {VARIABLE: name},
        capture_output=True,
        text=True,
    )
    failed = re.search(r"^(?:FAILED|ERROR) (?:\S*/)?(\S+)", done.stdout, re.MULTILINE)
    if done.returncode and failed is None:
        raise Unusable(f"the tests cannot run: {done.stdout}{done.stderr}")
    return failed[1] if failed else None


def _print(
    trials: list[Trial], known: dict[str, str], unexplained: list[str], stale: list[str]
) -> None:
    console = Console(width=140, stderr=True, highlight=False)
    table = Table(box=None, header_style="bold")
    for column in ("kind", "left out", "killed by", "programs", "schedules"):
        table.add_column(column, overflow="fold")
    for trial in sorted(trials, key=lambda t: (t.killed is None, t.kind, t.name)):
        killed = trial.killed or f"SURVIVED: {known.get(trial.name, 'no reason known')}"
        table.add_row(trial.kind, trial.name, killed, f"{trial.programs:,}", f"{trial.schedules:,}")
    console.print(table, markup=False)
    dead = sum(trial.killed is not None for trial in trials)
    console.print(f"\n{dead} of {len(trials)} killed")
    for name in unexplained:
        console.print(f"survived without a reason: {name}", markup=False)
    for name in stale:
        console.print(f"a reason that no longer holds: {name}", markup=False)
