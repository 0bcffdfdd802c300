"""Every interleaving can be reached, and nothing that is not one."""

from itertools import product
from math import comb, factorial

from fuzzcopy import sched


class Steps(sched.Watcher):
    def __init__(self):
        self.order = ""

    def step(self, task, kind, obj, write):
        self.order += task.name


def steps_of(tasks, points, policy):
    def program(s):
        async def worker():
            for _ in range(points):
                await s.point("work")

        for index in range(tasks):
            s.spawn(worker, name="abc"[index])

    watcher = Steps()
    assert sched.run(program, policy, watchers=[watcher]).failure is None
    return watcher.order


def effects_of(tasks, points, policies):
    """The orders of side effects, without any watcher that would slow the scheduler down."""
    order = []
    seen = set()

    def program(s):
        seen.add("".join(order))
        order.clear()

        async def worker(name):
            for _ in range(points):
                await s.point("work")
                order.append(name)

        for index in range(tasks):
            s.spawn(worker, "abc"[index])

    sched.run_many(program, policies)
    return {*seen, "".join(order)} - {""}


def test_a_random_walk_meets_all_orders_of_two_tasks_with_three_steps():
    orders = {steps_of(2, 3, sched.RandomWalk(seed)) for seed in range(400)}
    assert len(orders) == comb(6, 3) == 20
    assert all(order.count("a") == order.count("b") == 3 for order in orders)


def test_the_same_orders_are_met_without_a_watcher():
    assert len(effects_of(2, 3, map(sched.RandomWalk, range(400)))) == 20


def test_a_random_walk_meets_all_orders_of_three_tasks_with_two_steps():
    orders = effects_of(3, 2, map(sched.RandomWalk, range(2_000)))
    assert len(orders) == factorial(6) // 2**3 == 90


def test_pct_of_enough_depth_meets_all_orders():
    policies = (sched.Pct(seed, depth=4, steps=4) for seed in range(1_500))
    assert len(effects_of(2, 2, policies)) == comb(4, 2) == 6


def test_sparse_maps_meet_all_orders():
    policies = (sched.Sparse(dict(enumerate(tape))) for tape in product((0, 1), repeat=7))
    assert len(effects_of(2, 3, policies)) == 20


def test_every_step_with_one_preemption_gives_another_order():
    orders = {steps_of(2, 3, sched.Sparse({at: 1})) for at in range(1, 4)}
    assert orders == {"bbbaaa", "abbbaa", "aabbba"}
