"""Uniform random walk: interleavings, not choices, are equally likely."""

from collections import Counter

import pytest

from fuzzcopy import sched

RUNS = 600


def orders(policies, lengths):
    order = []
    met = Counter()

    def program(s):
        order.clear()

        async def worker(name, points):
            for _ in range(points):
                await s.point("work")
                order.append(name)

        for name, points in lengths.items():
            s.spawn(worker, name, points, name=name)

    for policy in policies:
        sched.run(program, policy)
        met["".join(order)] += 1
    return met


def test_all_interleavings_are_about_equally_likely():
    lengths = {"a": 5, "b": 1}
    met = orders((sched.Urw(seed, lengths) for seed in range(RUNS)), lengths)
    # Not the number of interleavings of the points alone: a task also begins.
    first = sum(count for order, count in met.items() if order.startswith("b"))
    last = met["aaaaab"]
    assert len(met) == 6
    assert max(met.values()) < 4 * min(met.values())
    assert last > RUNS / 12
    assert first < RUNS / 3


def test_random_walk_is_not_like_that():
    lengths = {"a": 5, "b": 1}
    met = orders((sched.RandomWalk(seed) for seed in range(RUNS)), lengths)
    assert met["aaaaab"] < RUNS / 15


def test_a_task_longer_than_expected_still_gets_its_turn():
    lengths = {"a": 3, "b": 3}
    met = orders((sched.Urw(seed, {}) for seed in range(RUNS)), lengths)
    assert len(met) == 20


def test_the_scheduler_knows_how_long_each_task_was():
    lengths = {"a": 3, "b": 2}

    def program(s):
        async def worker(points):
            for _ in range(points):
                await s.point("work")

        for name, points in lengths.items():
            s.spawn(worker, points, name=name)

    for seed in range(20):
        assert sched.run(program, sched.RandomWalk(seed)).lengths == lengths


@pytest.mark.parametrize("seed", range(10))
def test_a_lasting_event_does_not_happen_for_ever(seed):
    def program(s):
        async def works():
            for _ in range(12):
                await s.point("work")

        def tick():
            ticks.append(s.steps)
            assert len(ticks) < 1_000

        s.spawn(works, name="A")
        s.post(sched.Event("tick", tick, lasting=True, spontaneous=True))

    ticks = []
    assert sched.run(program, sched.Urw(seed, {"A": 12})).failure is None
