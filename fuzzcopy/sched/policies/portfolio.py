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

    Uniform random walk (twice in a round), PCT of depth 2, POS, PCT of depth 3 or 1, and one or two
    preemptions anywhere take turns. The mix is measured (``python -m benchmarks search``): plain
    random walk is no part of it, as uniform random walk is better wherever the tasks differ in
    length and no worse elsewhere; nor are bounded delays, which single preemptions nearly are.

    Where PCT of depth 2 and the preemptions strike is spread over the run by steps of the golden
    ratio, which leaves no part out for long; each place for itself is as random as ever. Two runs
    of PCT with opposite priorities follow each other.
    """
    yield Turns()
    if not length():
        return
    if count > 1:
        yield Sparse({})
    roll = Random(seed).random
    change, preemption = roll(), roll()
    order = 0
    for number in range(count - 2):
        steps = length() + 1  # point 0 is who begins
        fresh = int(roll() * (1 << 30))
        odd = number // ROUND % 2
        match number % ROUND:
            case 0 | 3:
                yield Urw(fresh, lengths())
            case 1:
                change = (change + GOLDEN) % 1
                order = order if odd else fresh
                yield Pct(order, depth=2, steps=steps - 1, first=change, mirrored=bool(odd))
            case 2:
                yield Pos(fresh)
            case 4:
                yield Pct(fresh, depth=1 if odd else 3, steps=steps - 1)
            case _:
                preemption = (preemption + GOLDEN) % 1
                switches = {int(preemption * steps): 1 + int(roll() * 3)}
                if odd:
                    switches[int(roll() * steps)] = 1 + int(roll() * 3)
                yield Sparse(switches)
