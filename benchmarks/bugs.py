"""How long the general search takes to find each bug of the catalogue, and what is left of it."""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from statistics import median

import click
from rich.console import Console
from rich.table import Table

from fuzzcopy.bugs import catalogue
from fuzzcopy.fuzz import Fuzzer
from fuzzcopy.runner import Tally, policies_for
from fuzzcopy.sched import Policy, RandomWalk

COLUMNS = (
    "bug",
    "policies",
    "found",
    "verdicts",
    "schedules",
    "first s",
    "worst s",
    "total s",
    "worst",
    "shrink s",
    "worst",
    "smallest",
    "typical",
)


@dataclass(frozen=True)
class Hunt:
    """One campaign: a bug, a seed, and how it went; times in seconds, sizes after shrinking."""

    bug: str
    seed: int
    policies: str
    verdict: str | None
    first_schedules: int | None
    first_seconds: float | None
    seconds: float
    cpus: int | None
    operations: int | None
    preemptions: int | None

    @property
    def shrinking(self) -> float:
        """Seconds from the first failure to the smallest."""
        return self.seconds - (self.first_seconds or 0)


def _random_walk(seed: int, count: int, tally: Tally) -> Iterator[Policy]:
    for number in range(count):
        yield RandomWalk(seed * 1_000 + number)
        if not tally.contested:
            return


def _hunt(job: tuple[str, int, str, float]) -> Hunt:
    bug, seed, name, limit = job
    policies = policies_for if name == "portfolio" else _random_walk
    campaign = Fuzzer(catalogue()[bug], seed=seed, policies=policies).run(
        examples=1_000_000, max_time=limit
    )
    outcome = campaign.outcome
    return Hunt(
        bug=bug,
        seed=seed,
        policies=name,
        verdict=outcome.kind if outcome else None,
        first_schedules=campaign.first_schedules,
        first_seconds=campaign.first_seconds,
        seconds=campaign.seconds,
        cpus=len(outcome.scenario.cpus) if outcome else None,
        operations=outcome.scenario.operations if outcome else None,
        preemptions=outcome.preemptions if outcome else None,
    )


@click.command()
@click.argument("names", nargs=-1)
@click.option("--seeds", type=click.IntRange(min=1), default=20, show_default=True)
@click.option("--max-time", type=float, default=60.0, show_default=True, help="Seconds a hunt.")
@click.option("--jobs", type=click.IntRange(min=1), default=os.cpu_count() or 1, show_default=True)
@click.option("--walk/--no-walk", default=False, help="The same under plain random walk.")
def bugs(names: tuple[str, ...], seeds: int, max_time: float, jobs: int, walk: bool) -> None:
    """Hunt each bug (or those of NAMES) from many seeds; a table, and JSON as the last line."""
    unknown = [name for name in names if name not in catalogue()]
    if unknown:
        raise click.UsageError(f"there is no bug {unknown[0]!r}; `fuzzcopy bugs` lists them")
    kinds = ("portfolio", "random walk") if walk else ("portfolio",)
    work = [
        (bug, seed, kind, max_time)
        for bug in names or catalogue()
        for kind in kinds
        for seed in range(seeds)
    ]
    table = Table(box=None, header_style="bold")
    for column in COLUMNS:
        table.add_column(column, overflow="fold")
    hunts: list[Hunt] = []
    with multiprocessing.Pool(jobs) as pool:
        done = pool.imap(_hunt, work, chunksize=1)
        while mine := list(islice(done, seeds)):
            row = mine[0].bug, mine[0].policies, *_row(mine)
            table.add_row(*row)
            hunts += mine
            # All of it takes hours: who stops it has what was done by then.
            print(*row, sep="\t", file=sys.stderr, flush=True)
    Console(width=160, stderr=True).print(table)
    found = _found(hunts)
    if found:
        times = [hunt.shrinking for hunt in found]
        print(
            f"shrinking {len(found)} failures: {median(times):.1f} s at the median, "
            f"{max(times):.1f} s at worst",
            file=sys.stderr,
        )
    print(json.dumps([asdict(hunt) for hunt in hunts]))


def _found(hunts: Sequence[Hunt]) -> list[Hunt]:
    return [hunt for hunt in hunts if hunt.verdict is not None]


def _row(hunts: Sequence[Hunt]) -> list[str]:
    """Found of all; verdicts; medians and worst to the first failure, in all, of shrinking."""
    found = _found(hunts)
    if not found:
        return [f"0/{len(hunts)}", *[""] * 10]
    sizes = sorted((h.cpus or 0, h.operations or 0, h.preemptions or 0) for h in found)
    return [
        f"{len(found)}/{len(hunts)}",
        ", ".join(sorted({str(hunt.verdict) for hunt in found})),
        f"{median(hunt.first_schedules or 0 for hunt in found):,.0f}",
        f"{median(hunt.first_seconds or 0 for hunt in found):.2f}",
        f"{max(hunt.first_seconds or 0 for hunt in found):.1f}",
        f"{median(hunt.seconds for hunt in found):.1f}",
        f"{max(hunt.seconds for hunt in found):.1f}",
        f"{median(hunt.shrinking for hunt in found):.1f}",
        f"{max(hunt.shrinking for hunt in found):.1f}",
        "/".join(map(str, sizes[0])),
        "/".join(map(str, sizes[len(sizes) // 2])),
    ]
