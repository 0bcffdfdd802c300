"""``python -m benchmarks exploration``: what partial-order reduction saves, and what it exhausts.

Two CPUs with an operation each that write, fault and reclaim one page. All schedules of the smaller
ones are run one by one: what is found without reduction must be what is found with it.
Then the programs that campaigns on ``sleeping-copy`` shrink to, whose schedules must be exhausted.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict, dataclass
from statistics import geometric_mean

import click

from fuzzcopy.bugs import catalogue
from fuzzcopy.fuzz import Fuzzer
from fuzzcopy.kernel import Kernel
from fuzzcopy.runner import explore
from fuzzcopy.scenario import (
    CpuSpec,
    FileSpec,
    Load,
    MappingSpec,
    Operation,
    Reclaim,
    Scenario,
    Segment,
    SpaceSpec,
    Store,
    Write,
)

MOST = 100_000
"""No more schedules of a program are run: a larger tree only shows what is saved at least."""

_BUFFER, _MAPPED, _ABSENT = 0, 1, 2


def _together(one: Operation, other: Operation, page: str = "clean", *, shown: int = 0) -> Scenario:
    """A file of two pages; number ``shown`` is mapped twice: once present, once not yet."""
    mappings = (
        MappingSpec(_BUFFER, 1),
        MappingSpec(_MAPPED, 1, 0, shown, shared=True),
        MappingSpec(_ABSENT, 1, 0, shown, shared=True, present=False),
    )
    return Scenario(
        cpus=(CpuSpec((one,)), CpuSpec((other,))),
        files=(FileSpec(32, (page, "clean")),),
        spaces=(SpaceSpec(mappings),),
    )


_READ = Load(_MAPPED, 0, 4)
_FULL = Write(0, 0, (Segment(_BUFFER, 0, 16),))
_PART = Write(0, 4, (Segment(_BUFFER, 0, 8),))

PROGRAMS = {
    "write of a page, mapped read": _together(_FULL, _READ),
    "write of a part, mapped read": _together(_PART, _READ),
    "fault to read, mapped read": _together(Load(_ABSENT, 0, 4), _READ),
    "fault to write, mapped read": _together(Store(_ABSENT, 0, 4), _READ),
    "reclaim of one page, mapped read of another": _together(Reclaim(0, 0), _READ, shown=1),
    "reclaim of a page, mapped read": _together(Reclaim(0, 0), _READ),
}


@dataclass(frozen=True)
class Saved:
    """One program with and without reduction: schedules, and seconds. ``same``: the verdicts."""

    program: str
    reduced: int
    all: int
    times: float
    exhausted: bool
    same: bool
    seconds: float
    seconds_for_all: float


@dataclass(frozen=True)
class Exhausted:
    """A shrunk program of ``sleeping-copy``: how its exploration ended."""

    seed: int
    end: str
    schedules: int
    seconds: float
    verdicts: list[str]


@click.command()
@click.option("--seeds", type=click.IntRange(min=0), default=5, show_default=True)
def exploration(seeds: int) -> None:
    """How many schedules reduction saves, and how long small programs take to exhaust.

    A table on stderr, and JSON as the last line.
    """
    saved = [_saved(name, scenario) for name, scenario in PROGRAMS.items()]
    exhausted = _shrunk(seeds)
    lines = []
    if saved:
        least, middle = min(s.times for s in saved), geometric_mean([s.times for s in saved])
        lines.append(
            f"reduction needs {least:.0f} times fewer schedules at least, {middle:.0f} on the "
            f"geometric mean (wanted: 20)"
        )
    if exhausted:
        programs = f"{len(exhausted)} shrunk program{'s' * (len(exhausted) > 1)}"
        ends = ", ".join(sorted({each.end for each in exhausted}))
        longest = max(each.seconds for each in exhausted)
        lines.append(
            f"{programs} of sleeping-copy: {ends} in {longest} s at most (wanted: less than 1)"
        )
    for line in lines:
        print(line, file=sys.stderr)
    print(
        json.dumps(
            {
                "saved": [asdict(each) for each in saved],
                "exhausted": [asdict(each) for each in exhausted],
                "summary": lines,
            }
        )
    )


def _saved(name: str, scenario: Scenario) -> Saved:
    begin = time.perf_counter()
    reduced = explore(Kernel, scenario, max_schedules=MOST)
    between = time.perf_counter()
    everything = explore(Kernel, scenario, reduction=False, max_schedules=MOST)
    end = time.perf_counter()
    saved = Saved(
        program=name,
        reduced=reduced.schedules,
        all=everything.schedules,
        times=round(everything.schedules / reduced.schedules, 1),
        exhausted=(reduced.end, everything.end) == ("exhausted", "exhausted"),
        same=set(reduced.failures) == set(everything.failures),
        seconds=round(between - begin, 3),
        seconds_for_all=round(end - between, 3),
    )
    print(
        f"{name}: {saved.reduced:,} schedules of {saved.all:,} ({saved.times} times fewer"
        f"{'' if saved.exhausted else ' at least'}, {saved.seconds} s for "
        f"{saved.seconds_for_all} s), {'both exhausted' if saved.exhausted else 'not exhausted'}, "
        f"{'the same verdicts' if saved.same else 'OTHER VERDICTS'}",
        file=sys.stderr,
        flush=True,
    )
    return saved


def _shrunk(seeds: int) -> list[Exhausted]:
    kernel = catalogue()["sleeping-copy"]
    found: list[Exhausted] = []
    for seed in range(seeds):
        outcome = Fuzzer(kernel, seed=seed).run(examples=2_000).outcome
        if outcome is None:
            raise click.ClickException(f"seed {seed} finds nothing on sleeping-copy")
        begin = time.perf_counter()
        explored = explore(kernel, outcome.scenario)
        took = round(time.perf_counter() - begin, 4)
        found.append(
            Exhausted(seed, str(explored), explored.schedules, took, sorted(explored.failures))
        )
        print(f"sleeping-copy, seed {seed}: {found[-1]}", file=sys.stderr, flush=True)
    return found
