"""What searches came to, and what that says of the default portfolio."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import Literal

from fuzzcopy.sched.policies.portfolio import SIZE

PORTFOLIO = "portfolio"
WALK = "random walk"


@dataclass(frozen=True)
class Hunt:
    """One search: who searched what, from which seed, and how it went.

    ``n`` is the number of tasks, ``k`` the most points with a choice met by any policy so far.
    ``plain``: the subject is a plain program; ``preemption``: it fails under no schedule without
    one. ``schedules`` is the whole budget if nothing was found.
    """

    subject: str
    policy: str
    seed: int
    found: bool
    schedules: int
    seconds: float
    n: int
    k: int
    plain: bool
    preemption: bool


Figure = Literal["schedules", "seconds"]


def cell(hunts: Sequence[Hunt]) -> str:
    """``found/searches, mean +- standard deviation`` of the schedules of one table cell."""
    if not hunts:
        return "-"
    counts = [hunt.schedules for hunt in hunts]
    spread = stdev(counts) if len(counts) > 1 else 0.0
    found = sum(hunt.found for hunt in hunts)
    return f"{found}/{len(hunts)} {fmean(counts):,.1f} +- {spread:,.1f}"


def means(hunts: Iterable[Hunt], figure: Figure = "schedules") -> dict[str, dict[str, float]]:
    """By policy and subject, the mean to the first failure."""
    all_of: dict[str, dict[str, list[float]]] = {}
    for hunt in hunts:
        subjects = all_of.setdefault(hunt.policy, {})
        subjects.setdefault(hunt.subject, []).append(getattr(hunt, figure))
    return {
        policy: {subject: fmean(figures) for subject, figures in subjects.items()}
        for policy, subjects in all_of.items()
    }


def geometric_mean(figures: Iterable[float]) -> float:
    """Of positive figures."""
    return math.exp(fmean(math.log(figure) for figure in figures))


def ratio(of: dict[str, float], to: dict[str, float]) -> float:
    """The geometric mean of ``of`` divided by that of ``to``, over the subjects of both."""
    return geometric_mean(of[subject] / to[subject] for subject in of if subject in to)


def summary(hunts: Sequence[Hunt], policies: Sequence[str], peers: Sequence[str]) -> list[str]:
    """How the portfolio does, a line a figure; only what the searches made allow to say."""
    if not any(hunt.policy == PORTFOLIO for hunt in hunts):
        return []
    return [
        *_found(hunts),
        *_beside_random_walk(hunts),
        *_beside_the_best(hunts, policies),
        *(line for peer in peers for line in _beside_peer(hunts, peer)),
    ]


def _found(hunts: Sequence[Hunt]) -> list[str]:
    mine = [hunt for hunt in hunts if hunt.plain and hunt.policy == PORTFOLIO]
    if not mine:
        return []
    missed = sorted({hunt.subject for hunt in mine if not hunt.found})
    names = {hunt.subject for hunt in mine}
    which = f"; not always: {', '.join(missed)}" if missed else ""
    return [
        f"portfolio finds {len(names) - len(missed)} of {len(names)} plain programs from every "
        f"seed, at most {max(hunt.schedules for hunt in mine):,} schedules{which}"
    ]


def _beside_random_walk(hunts: Sequence[Hunt]) -> list[str]:
    mean = means(hunt for hunt in hunts if hunt.preemption)
    if not {PORTFOLIO, WALK} <= mean.keys():
        return []
    times = ratio(mean[WALK], mean[PORTFOLIO])
    return [
        f"where a preemption is needed ({len(mean[PORTFOLIO])} subjects): {times:.2f} times fewer "
        f"schedules than random walk on the geometric mean (wanted: 5)"
    ]


def _beside_the_best(hunts: Sequence[Hunt], policies: Sequence[str]) -> list[str]:
    mean = means(hunts)
    single = [mean[policy] for policy in policies if policy in mean and policy != PORTFOLIO]
    if not single:
        return []
    mine = mean[PORTFOLIO]
    best = {subject: min(other[subject] for other in single) for subject in mine}
    times = {subject: mine[subject] / best[subject] for subject in mine}
    worst = max(times, key=lambda subject: times[subject])
    return [
        f"portfolio: {ratio(mine, best):.2f} times the schedules of the best single policy per "
        f"subject on the geometric mean (wanted: at most 2)",
        f"portfolio: at worst {times[worst]:.2f} times, on {worst} (wanted: at most its size, "
        f"{SIZE})",
    ]


def _beside_peer(hunts: Sequence[Hunt], peer: str) -> list[str]:
    schedules, seconds = means(hunts), means(hunts, "seconds")
    if peer not in schedules:
        return []
    fewer = ratio(schedules[peer], schedules[PORTFOLIO])
    faster = ratio(seconds[peer], seconds[PORTFOLIO])
    return [
        f"beside {peer}: {fewer:.2f} times fewer schedules and {faster:.2f} times less wall time "
        f"to the first failure on the geometric mean (wanted: more than 1, and 3)"
    ]
