"""``python -m benchmarks search``: how many schedules until the first failure, policy by policy.

Subjects are the plain programs of ``benchmarks/programs/`` and the shrunk programs of the
catalogue's bugs (the files of ``regressions/`` without their schedules). Every policy starts anew
from every seed. A policy that finds nothing counts as its whole budget. Peers search the plain
programs in the same run, seed by seed, beside the policies.

A search is as long as its seed makes it, but what else the machine does makes it take longer, the
more so the shorter it is. So a short one is made several times, and the least of its times counts.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from functools import partial
from operator import attrgetter

import click
from rich.console import Console
from rich.table import Table

from benchmarks.hunts import PORTFOLIO, WALK, Hunt, cell, geometric_mean, means, summary
from benchmarks.program import Setup
from benchmarks.subjects.first_failure import Hunted, Subject, subjects
from fuzzcopy.runner import Tally, policies_for
from fuzzcopy.sched import DelayBounded, Pct, Policy, Pos, RandomWalk, Urw

Policies = Callable[[int, int, Tally], Iterator[Policy]]
"""From a seed, a count and what was seen of the program so far, up to so many policies."""

SHORT, TIMES = 0.05, 3
"""A search of fewer seconds is made so many times."""

Peer = Callable[[str, Setup, int, int, float], Hunted]
"""From its mode, a program, a seed, and budgets of schedules and of seconds, to how it went."""


def _each(make: Callable[[int, int, Tally], Policy]) -> Policies:
    """``make(seed, number, tally)`` for every number."""

    def policies(seed: int, count: int, tally: Tally) -> Iterator[Policy]:
        for number in range(count):
            yield make((seed << 20) + number, number, tally)

    return policies


def _pct(depth: int) -> Policies:
    return _each(lambda seed, _, tally: Pct(seed, depth=depth, steps=tally.contested or 50))


POLICIES: dict[str, Policies] = {
    WALK: _each(lambda seed, _, __: RandomWalk(seed)),
    "pct 1": _pct(1),
    "pct 2": _pct(2),
    "pct 3": _pct(3),
    "pos": _each(lambda seed, _, __: Pos(seed)),
    "urw": _each(lambda seed, _, tally: Urw(seed, tally.lengths)),
    "delay 1": _each(lambda s, _, t: DelayBounded(s, delays=1, steps=t.contested or 50)),
    "delay 2": _each(lambda s, _, t: DelayBounded(s, delays=2, steps=t.contested or 50)),
    "delay 3": _each(lambda s, _, t: DelayBounded(s, delays=3, steps=t.contested or 50)),
    PORTFOLIO: policies_for,
}


def _peers() -> dict[str, Peer]:
    """The modes of the peers that are installed, by name."""
    found: dict[str, Peer] = {}
    try:
        from benchmarks.peers import on_detangle

        found |= dict.fromkeys(on_detangle.MODES, on_detangle.hunt)
    except ModuleNotFoundError as error:
        _missing(error, "detangle")
    try:
        from benchmarks.peers import on_frontrun

        found |= dict.fromkeys(on_frontrun.MODES, on_frontrun.hunt)
    except ModuleNotFoundError as error:
        _missing(error, "frontrun")
    return found


def _missing(error: ModuleNotFoundError, peer: str) -> None:
    if error.name != peer:
        raise error
    print(f"the peer {peer} is missing: pip install {peer}", file=sys.stderr)


@click.command()
@click.argument("names", nargs=-1)
@click.option("--seeds", type=click.IntRange(min=1), default=20, show_default=True)
@click.option(
    "--budget",
    type=click.IntRange(min=1),
    default=10_000,
    show_default=True,
    help="Schedules per search.",
)
@click.option(
    "--seconds",
    type=click.FloatRange(min=0, min_open=True),
    default=10.0,
    show_default=True,
    help="Seconds per search of a peer, and of a policy.",
)
@click.option(
    "--policy",
    "chosen",
    multiple=True,
    type=click.Choice(list(POLICIES)),
    help="Only this policy; may be given several times.",
)
@click.option("--plain", is_flag=True, help="Only the plain programs.")
@click.option("--peers/--no-peers", "beside", default=True, help="Peers on the plain programs.")
def search(
    names: tuple[str, ...],
    seeds: int,
    budget: int,
    seconds: float,
    chosen: tuple[str, ...],
    plain: bool,
    beside: bool,
) -> None:
    """Schedules and seconds to the first failure of each subject (or those of NAMES).

    A table and what it says of the portfolio on stderr; JSON as the last line: "hunts", an object
    per search, and "summary".
    """
    known = subjects()
    unknown = [name for name in names if name not in known]
    if unknown:
        raise click.UsageError(f"there is no {unknown[0]!r}; there are {', '.join(known)}")
    policies = chosen or tuple(POLICIES)
    peers = _peers() if beside else {}
    columns = (*policies, *peers)
    table = Table(box=None, header_style="bold")
    for column in ("subject", "n", "k", *columns):
        table.add_column(column, justify="left" if column == "subject" else "right")
    hunts: list[Hunt] = []
    for name in names or known:
        subject = known[name]
        if plain and subject.program is None:
            continue
        found = {column: list[Hunt]() for column in columns}
        for seed in range(seeds):
            # Side by side: whatever else the machine does hits all of them alike.
            for policy in policies:
                hunted = _least(partial(_hunt, subject, policy, seed, budget, seconds))
                found[policy].append(_entry(subject, policy, seed, budget, hunted))
            for mode, peer in peers.items():
                if subject.program is not None:
                    plain = subject.program.buggy
                    hunted = _least(partial(peer, mode, plain, seed, budget, seconds))
                    found[mode].append(_entry(subject, mode, seed, budget, hunted))
        cells = [cell(found[column]) for column in columns]
        hunts += [hunt for column in columns for hunt in found[column]]
        table.add_row(name, str(subject.tasks), str(subject.points), *cells)
        print(f"{name}: {', '.join(cells)}", file=sys.stderr, flush=True)
    _print(table, hunts, columns, policies, tuple(peers))


def _print(
    table: Table,
    hunts: Sequence[Hunt],
    columns: Sequence[str],
    policies: Sequence[str],
    peers: Sequence[str],
) -> None:
    schedules, seconds = means(hunts), means(hunts, "seconds")
    for title, figures, form in (
        ("geometric mean", schedules, ",.1f"),
        ("... of seconds", seconds, ",.4f"),
    ):
        told = [format(geometric_mean(figures[c].values()), form) for c in columns if c in figures]
        table.add_row(title, "", "", *told)
    console = Console(width=60 + 20 * len(columns), stderr=True)
    console.print(table)
    console.print("found/searches, mean +- standard deviation of schedules; nothing found = budget")
    lines = summary(hunts, policies, peers)
    for line in lines:
        console.print(line, soft_wrap=True)
    print(json.dumps({"hunts": [asdict(hunt) for hunt in hunts], "summary": lines}))


def _hunt(subject: Subject, policy: str, seed: int, budget: int, seconds: float) -> Hunted:
    tally = Tally()
    return subject.hunt(POLICIES[policy](seed, budget, tally), tally, budget, seconds)


def _least(search: Callable[[], Hunted]) -> Hunted:
    """What ``search`` came to, in the least time it took."""
    hunted = search()
    if hunted.seconds >= SHORT:
        return hunted
    return min([hunted, *(search() for _ in range(TIMES - 1))], key=attrgetter("seconds"))


def _entry(subject: Subject, policy: str, seed: int, budget: int, hunted: Hunted) -> Hunt:
    return Hunt(
        subject=subject.name,
        policy=policy,
        seed=seed,
        found=hunted.found,
        schedules=hunted.schedules if hunted.found else budget,
        seconds=round(hunted.seconds, 6),
        n=subject.tasks,
        k=subject.points,
        plain=subject.program is not None,
        preemption=subject.needs_preemption,
    )
