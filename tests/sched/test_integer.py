"""Nondeterministic integers go through the policy too."""

import pytest

from fuzzcopy import sched


class Fixed(sched.Policy):
    def __init__(self, value):
        self.value = value
        self.asked = []

    def integer(self, label, bound):
        self.asked.append((label, bound))
        return self.value


class Decisions(sched.Watcher):
    def __init__(self):
        self.told = []

    def decided(self, task, label, nth, choice, value):
        self.told.append((task.name, label, nth, choice, value))


def drawing(*bounds):
    drawn = []

    def program(s):
        drawn.clear()

        async def worker():
            drawn.extend(s.integer("fault", bound) for bound in bounds)

        s.spawn(worker, name="one")

    return program, drawn


def test_by_default_nothing_special_happens():
    program, drawn = drawing(2, 100)
    sched.run(program)
    assert drawn == [0, 0]


def test_the_policy_decides():
    program, drawn = drawing(5)
    policy = Fixed(3)
    sched.run(program, policy)
    assert drawn == [3]
    assert policy.asked == [("fault", 5)]


def test_with_a_single_possibility_nobody_is_asked():
    program, drawn = drawing(1, 0)
    policy = Fixed(3)
    sched.run(program, policy)
    assert drawn == [0, 0]
    assert policy.asked == []


def test_it_is_no_preemption_point():
    program, _ = drawing(5, 5)
    assert sched.run(program).steps == 0


@pytest.mark.parametrize("make", [sched.RandomWalk, lambda seed: sched.Pct(seed, depth=2, steps=5)])
def test_hazards_of_random_policies_are_in_range_and_strike_now_and_then(make):
    program, drawn = drawing(*[4] * 50)
    struck = []
    for seed in range(100):
        sched.run(program, make(seed))
        assert set(drawn) <= set(range(4))
        struck += [value for value in drawn if value]
    assert 400 < len(struck) < 900
    assert set(struck) == {1, 2, 3}


def test_only_what_is_special_is_announced():
    program, _ = drawing(3, 3, 3)
    watcher = Decisions()
    sched.run(program, sched.Sparse({}, {1: 2}), watchers=[watcher])
    assert watcher.told == [("one", "fault", 2, "", 2)]


def test_drawing_inside_an_event_does_not_move_the_place_of_the_decision_around_it():
    def program(s):
        async def worker():
            await s.point("work")

        s.post(sched.Event("interrupt", lambda: s.integer("vector", 3)))
        s.post(sched.Event("other", lambda: None))
        s.spawn(worker, name="one")

    class EventsOnly(sched.Policy):
        def choose(self, enabled, current):
            return 0 if current is None else min(1, len(enabled) - 1)

        def integer(self, label, bound):
            return 2

    watcher = Decisions()
    sched.run(program, EventsOnly(), watchers=[watcher])
    assert watcher.told == [
        ("one", "work", 1, "interrupt", 0),
        ("one", "vector", 1, "", 2),
        ("one", "work", 1, "other", 0),
    ]


@pytest.mark.parametrize("before_spawning", [False, True])
def test_the_set_up_may_draw_too(before_spawning):
    drawn = []

    def program(s):
        if before_spawning:
            drawn.append(s.integer("layout", 4))
        s.spawn(s.point, "work")
        if not before_spawning:
            drawn.append(s.integer("layout", 4))

    sched.run(program, Fixed(2))
    assert drawn == [2]


@pytest.mark.parametrize("before_spawning", [False, True])
def test_the_set_up_may_draw_in_a_recorded_run_as_well(before_spawning):
    drawn = []

    def program(s):
        if before_spawning:
            drawn.append(s.integer("layout", 4))
        s.spawn(s.point, "work")
        if not before_spawning:
            drawn.append(s.integer("layout", 4))

    recorder = sched.Recorder()
    sched.run(program, Fixed(2), watchers=[recorder])
    sched.run(program, sched.Replay(recorder.deviations))
    assert drawn == [2, 2]
