"""Many schedules in one go."""

import pytest

from fuzzcopy import sched


def quiet(s):
    async def worker():
        for _ in range(3):
            await s.point("work")

    s.spawn(worker)
    s.spawn(worker)


def test_every_policy_is_run_once_in_its_own_scheduler():
    policies = [sched.RandomWalk(seed) for seed in range(5)]
    runs = sched.run_many(quiet, policies)
    assert [done.policy for done in runs] == policies
    assert len(set(map(id, runs))) == 5


def test_it_stops_after_the_first_failure_and_draws_no_further_policies():
    def program(s):
        async def worker():
            assert s.integer("fault", 2) == 0

        s.spawn(worker)

    drawn = []

    def policies():
        for number in range(10):
            drawn.append(number)
            yield sched.Sparse({}, {0: 1} if number == 3 else {})

    runs = sched.run_many(program, policies())
    assert [done.failure is None for done in runs] == [True, True, True, False]
    assert drawn == [0, 1, 2, 3]


def test_no_policies_no_runs():
    assert sched.run_many(quiet, []) == []


def test_what_a_driven_function_returns_is_returned():
    async def function(driver):
        assert isinstance(driver, sched.Driver)
        return 42

    assert sched.drive(function) == 42


@pytest.mark.parametrize(
    "make",
    [
        sched.Policy,
        lambda: sched.Sparse({2: 1, 4: 1}),
        lambda: sched.RandomWalk(5),
        lambda: sched.Pct(5, depth=3, steps=6),
    ],
)
def test_a_policy_can_be_used_again_and_does_the_same(make):
    order = []

    def program(s):
        order.clear()

        async def worker(name):
            for _ in range(4):
                await s.point("work")
                order.append((name, s.integer("fault", 4)))

        for name in "abc":
            s.spawn(worker, name)

    policy = make()
    orders = []
    for _ in range(3):
        sched.run(program, policy)
        orders.append(order[:])
    assert orders[0] == orders[1] == orders[2]


def test_equal_seeds_are_equal_and_others_are_not():
    def orders(make):
        met = []
        order = []

        def program(s):
            async def worker(name):
                for _ in range(10):
                    await s.point("work")
                    order.append(name)

            s.spawn(worker, "a")
            s.spawn(worker, "b")

        for seed in range(5):
            order.clear()
            sched.run(program, make(seed))
            met.append("".join(order))
        return met

    assert orders(sched.RandomWalk) == orders(sched.RandomWalk)
    assert len(set(orders(sched.RandomWalk))) == 5
