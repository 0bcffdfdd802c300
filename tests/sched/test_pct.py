"""PCT: priorities and change points."""

from itertools import pairwise

import pytest

from fuzzcopy import sched


def worker_program(tasks, points, order):
    def program(s):
        order.clear()

        async def worker(name):
            for _ in range(points):
                await s.point("work")
                order.append(name)

        for index in range(tasks):
            s.spawn(worker, "abc"[index])

    return program


def preemptions(order):
    """How often a task gave way although it had more to do."""
    return sum(
        before != after and before in order[at:]
        for at, (before, after) in enumerate(pairwise(order), 1)
    )


@pytest.mark.parametrize("depth", [1, 2, 3, 4])
def test_depth_d_preempts_at_most_d_minus_one_times(depth):
    order = []
    program = worker_program(3, 6, order)
    counts = set()
    for seed in range(200):
        sched.run(program, sched.Pct(seed, depth=depth, steps=12))
        counts.add(preemptions(order))
    assert counts == set(range(depth))


def test_depth_one_runs_the_tasks_in_any_order():
    order = []
    program = worker_program(3, 2, order)
    orders = set()
    for seed in range(100):
        sched.run(program, sched.Pct(seed, depth=1, steps=1))
        orders.add("".join(order[::2]))
    assert orders == {"abc", "acb", "bac", "bca", "cab", "cba"}


def test_all_orders_of_the_priorities_are_about_equally_likely():
    order = []
    program = worker_program(2, 1, order)
    first = 0
    for seed in range(500):
        sched.run(program, sched.Pct(seed, depth=1, steps=1))
        first += order[0] == "a"
    assert 210 < first < 290


def test_every_contested_point_can_be_a_change_point():
    order = []
    program = worker_program(2, 4, order)
    met = set()
    for seed in range(400):
        sched.run(program, sched.Pct(seed, depth=2, steps=4))
        met.add("".join(order))
    assert met == {
        "aaaabbbb",
        "abbbbaaa",
        "aabbbbaa",
        "aaabbbba",
        "bbbbaaaa",
        "baaaabbb",
        "bbaaaabb",
        "bbbaaaab",
    }


def test_a_task_demoted_first_may_come_back_first_or_last():
    order = []
    program = worker_program(3, 3, order)
    back = set()
    for seed in range(1_000):
        sched.run(program, sched.Pct(seed, depth=3, steps=6))
        if "".join(order).startswith("abccc"):
            back.add(order[5])
    assert back == {"a", "b"}


def test_an_event_has_a_priority_like_a_task():
    places = set()
    for seed in range(200):
        order = []

        def program(s, order=order):
            async def worker(name):
                for _ in range(2):
                    await s.point("work")
                    order.append(name)

            s.post(sched.Event("interrupt", lambda: order.append("!")))
            s.spawn(worker, "a")
            s.spawn(worker, "b")

        sched.run(program, sched.Pct(seed, depth=1, steps=1))
        places.add("".join(order))
    assert places == {"!aabb", "!bbaa", "aa!bb", "bb!aa", "aabb!", "bbaa!"}


def test_a_woken_task_of_higher_priority_preempts_at_the_next_point():
    seen = set()
    for seed in range(50):
        order = []

        def program(s, order=order):
            ready = sched.Completion(s, "ready")

            async def waiter():
                await ready.wait()
                order.append("waiter")

            async def worker():
                await s.point("work")
                ready.complete()
                order.append("woken")
                await s.point("work")
                order.append("worker")

            s.spawn(waiter)
            s.spawn(worker)

        sched.run(program, sched.Pct(seed, depth=1, steps=1))
        seen.add(tuple(order))
    assert seen == {("woken", "waiter", "worker"), ("woken", "worker", "waiter")}


def test_a_lasting_event_does_not_stop_demoted_tasks_for_good():
    def program(s):
        fired = []

        def evict():
            fired.append("evict")
            assert len(fired) < 1_000

        async def worker():
            for _ in range(10):
                await s.point("work")

        s.spawn(worker)
        s.post(sched.Event("evict", evict, spontaneous=True, lasting=True))

    for seed in range(20):
        assert sched.run(program, sched.Pct(seed, depth=2, steps=5)).failure is None


def test_integers_are_in_range_and_mostly_nothing_special():
    drawn = []

    def program(s):
        async def worker():
            drawn.extend(s.integer("fault", 5) for _ in range(1_000))

        s.spawn(worker)

    sched.run(program, sched.Pct(0, depth=2, steps=5))
    assert set(drawn) == set(range(5))
    assert 0.8 < drawn.count(0) / len(drawn) < 0.95
