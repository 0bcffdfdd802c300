"""A portfolio: no single policy is best, so the tries are split among several."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from random import Random

from fuzzcopy.sched.policies.pct import Pct
from fuzzcopy.sched.policies.policy import Policy
from fuzzcopy.sched.policies.pos import Pos
from fuzzcopy.sched.policies.sparse import Sparse
from fuzzcopy.sched.policies.turns import Turns
from fuzzcopy.sched.policies.urw import Urw

GOLDEN = 0.618033988749895
"""Multiples of it, modulo 1, fill the line from 0 to 1 evenly, however many there are."""

SIZE, ROUND = 5, 6
"""How many policies are in the mix, and how many tries a round of it has."""


def portfolio(
    seed: int,
    count: int,
    length: Callable[[], int],
    lengths: Callable[[], Mapping[str, int]] = dict,
) -> Iterator[Policy]:
    """Up to ``count`` policies to try one program under: two fixed ones, then a mix from ``seed``.

    The fixed ones are the extremes: everybody is preempted at every point, and nobody is.

    ``length()`` is the largest number of contested points that any run of the program has had so
    far (:meth:`Scheduler.contested`). If the first run had none, it was the only schedule.
    ``lengths()`` is the same for the points passed by each task (:attr:`Scheduler.lengths`).

    Uniform random walk and PCT of depth 2, POS and PCT of depth 3, uniform random walk and PCT of
    depth 4 take turns; every second round has depth 1 for 4. The mix is measured
    (``python -m benchmarks search``): plain random walk is no part of it, as uniform random walk is
    better wherever the tasks differ in length and no worse elsewhere; nor are bounded delays, which
    PCT of low depth nearly is, nor a preemption or two of the default schedule: on drawn programs
    that can fail, 6 runs of 1,000 did with one, and 34 to 46 under PCT of depth 2 to 4.

    Where PCT of depth 2 strikes is spread over the run by steps of the golden ratio, which leaves
    no part out for long; each place for itself is as random as ever. Two runs of it with opposite
    priorities follow each other.
    """
    yield Turns()
    if not length():
        return
    if count > 1:
        yield Sparse({})
    roll = Random(seed).random
    change = roll()
    order = 0
    for number in range(count - 2):
        fresh = int(roll() * (1 << 30))
        odd = number // ROUND % 2
        match number % ROUND:
            case 0 | 4:
                yield Urw(fresh, lengths())
            case 1:
                change = (change + GOLDEN) % 1
                order = order if odd else fresh
                yield Pct(order, depth=2, steps=length(), first=change, mirrored=bool(odd))
            case 2:
                yield Pos(fresh)
            case 3:
                yield Pct(fresh, depth=3, steps=length())
            case _:
                yield Pct(fresh, depth=1 if odd else 4, steps=length())
