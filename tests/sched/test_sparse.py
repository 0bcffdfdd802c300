"""A schedule by numbers."""

from itertools import product

import pytest

from fuzzcopy import sched


def order_under(switches, *, points=3, tasks=2):
    order = []

    def program(s):
        async def worker(name):
            for _ in range(points):
                await s.point("work")
                order.append(name)

        for index in range(tasks):
            s.spawn(worker, "abc"[index])

    assert sched.run(program, sched.Sparse(switches)).failure is None
    return "".join(order)


def test_an_empty_map_is_the_default():
    assert order_under({}) == "aaabbb"


def test_number_zero_is_who_begins():
    assert order_under({0: 1}) == "bbbaaa"
    assert order_under({0: 2}, tasks=3, points=1) == "cab"


@pytest.mark.parametrize(
    ("switches", "order"),
    [
        ({1: 1}, "bbbaaa"),
        ({2: 1}, "abbbaa"),
        ({3: 1}, "aabbba"),
        ({2: 1, 4: 1}, "abaabb"),
        ({4: 1, 2: 1}, "abaabb"),
    ],
)
def test_a_number_is_a_contested_point(switches, order):
    assert order_under(switches) == order


def test_points_without_a_choice_have_no_number():
    # Once a has ended, b is alone.
    assert order_under({9: 1}) == "aaabbb"


def test_an_explicit_zero_is_the_default():
    assert order_under({1: 0, 2: 0, 3: 1}) == order_under({3: 1})


@pytest.mark.parametrize("choice", [1, 3, 7, 101])
def test_choices_are_taken_modulo_what_is_possible(choice):
    assert order_under({2: choice}) == order_under({2: 1})


def test_integers_go_by_the_order_in_which_they_are_asked_for():
    drawn = []

    def program(s):
        async def worker():
            drawn.extend(s.integer("fault", bound) for bound in (4, 4, 4, 2))

        s.spawn(worker)

    sched.run(program, sched.Sparse({}, {0: 3, 2: 6, 3: 3}))
    assert drawn == [3, 0, 2, 1]


def test_one_switch_moves_a_point_at_most_once():
    class Switches(sched.Watcher):
        count = 0

        def decided(self, task, label, nth, choice, value):
            self.count += 1

    def program(s):
        async def worker():
            for _ in range(5):
                await s.point("work")

        s.spawn(worker)
        s.spawn(worker)

    for at in range(1, 6):
        watcher = Switches()
        sched.run(program, sched.Sparse({at: 1}), watchers=[watcher])
        assert watcher.count == 1


def steps_under(policy):
    """The program of the next test: ``a`` blocks between two points of its own."""
    order = []

    def program(s):
        queue = sched.WaitQueue(s, "queue")

        async def blocks():
            await s.point("x")
            order.append("x")
            await queue.wait()

        async def worker():
            for name in "op":
                await s.point(name)
                order.append(name)
            queue.wake_all()

        async def other():
            await s.point("r")
            order.append("r")
            queue.wake_all()

        s.spawn(blocks)
        s.spawn(worker)
        s.spawn(other)

    return sched.run(program, policy), order


def test_every_order_that_a_random_walk_meets_some_map_meets_too():
    def met(policies):
        return {"".join(order) for _, order in map(steps_under, policies)}

    walked = met(map(sched.RandomWalk, range(300)))
    mapped = met(sched.Sparse(dict(enumerate(tape))) for tape in product(range(3), repeat=6))
    assert walked <= mapped
