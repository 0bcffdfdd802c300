"""``python -m benchmarks throughput``: schedules and steps per second, against two yardsticks.

The first is trio itself, the second a peer: detangle, on a program that does nothing. The kernel
runs with all oracles on; the bare subjects pass as many preemption points as it does; the spine is
the same kernel with as little of an MMU as can be. Beside each figure stand n, k, steps and
switches (see :class:`~benchmarks.measure.Facts`): what a schedule costs is mostly a matter of how
often it switches, so compare like policies with like.
"""

from __future__ import annotations

import json
import platform
import sys
from importlib.metadata import version
from typing import TYPE_CHECKING

import click

from benchmarks.errors import Unusable
from benchmarks.measure import Facts, Subject, Timing, interleaved
from benchmarks.scenarios import ALL
from benchmarks.subjects import spine
from benchmarks.subjects.bare import bare_pct, bare_random_walk
from benchmarks.subjects.floor import FloorSubject
from benchmarks.subjects.kernel import KernelSubject, pct, random_walk
from fuzzcopy.oracles import ALL as ORACLES

if TYPE_CHECKING:
    from benchmarks.subjects.detangle_peer import DetangleSubject

TASKS = 3

# What is compared with what: like policies with like, and the default with the default.
RATIOS = [
    ("kernel_default", "detangle_auto"),
    ("kernel_random_walk", "detangle_random"),
    ("kernel_pct", "detangle_pct3"),
    ("sched_random_walk", "detangle_random"),
    ("sched_pct", "detangle_pct3"),
    ("kernel_default", "kernel_spine"),
    ("kernel_default", "trio_floor"),
    ("kernel_random_walk", "trio_floor"),
    ("kernel_pct", "trio_floor"),
    ("sched_random_walk", "trio_floor"),
    ("sched_pct", "trio_floor"),
]


@click.command()
@click.option(
    "--seconds",
    type=click.FloatRange(min=0),
    default=30.0,
    show_default=True,
    help="How long to measure.",
)
def throughput(seconds: float) -> None:
    """Schedules and steps per second of the reference kernel, beside trio's floor and detangle."""
    peer = _peer()
    kernels = [
        KernelSubject("kernel_default"),
        KernelSubject("kernel_random_walk", random_walk),
        KernelSubject("kernel_pct", pct),
        KernelSubject("kernel_spine", kernel=spine.Spine, oracles=spine.ORACLES),
    ]
    facts: dict[str, Facts] = {subject.name: subject.facts() for subject in kernels}
    steps = facts["kernel_default"].steps
    points = round(steps / TASKS)
    others: list[Subject] = [
        bare_random_walk(tasks=TASKS, points=points),
        bare_pct(tasks=TASKS, points=points),
        FloorSubject(tasks=TASKS, passes=round(steps)),
        *[peer(strategy, tasks=TASKS, points=points) for strategy in ("auto", "random", "pct:3")],
    ]
    facts |= {subject.name: subject.facts() for subject in others}
    timing = interleaved([*kernels, *others], seconds=seconds)
    _table(facts, timing)
    click.echo(json.dumps(_report(facts, timing)))


def _peer() -> type[DetangleSubject]:
    try:
        from benchmarks.subjects.detangle_peer import DetangleSubject
    except ModuleNotFoundError as error:
        if error.name != "detangle":
            raise
        raise Unusable("the peer to compare with is missing: pip install detangle") from error
    return DetangleSubject


def _report(facts: dict[str, Facts], timing: Timing) -> dict[str, object]:
    return {
        "benchmark": "throughput",
        "python": platform.python_version(),
        "trio": version("trio"),
        "detangle": version("detangle"),
        "clock": "processor time",
        "share": timing.share,
        "slices": len(next(iter(timing.slices.values()))),
        "scenarios": list(ALL),
        "oracles": [oracle.__name__ for oracle in ORACLES],
        "subjects": {
            name: {
                "n": fact.tasks,
                "k": fact.points,
                "steps": round(fact.steps, 1),
                "switches": round(fact.switches, 1),
                "together": fact.together,
                **timing.figures(name),
            }
            for name, fact in facts.items()
        },
        "ratios": {f"{a}/{b}": timing.ratio(a, b) for a, b in RATIOS},
    }


def _table(facts: dict[str, Facts], timing: Timing) -> None:
    """The same for a reader, on stderr."""
    line = "{:20} {:>2} {:>5} {:>7} {:>9} {:>12} {:>11}"
    heads = ("subject", "n", "k", "steps", "switches", "schedules/s", "steps/s")
    print(line.format(*heads), file=sys.stderr)
    for name, fact in facts.items():
        figures = timing.figures(name)
        print(
            line.format(
                name,
                fact.tasks,
                fact.points,
                f"{fact.steps:.1f}",
                f"{fact.switches:.1f}",
                str(figures["schedules_per_second"]),
                str(figures["steps_per_second"]),
            ),
            file=sys.stderr,
        )
