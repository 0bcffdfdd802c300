"""Programs that draw on anything but the scheduler are found out."""

import random
import time

import pytest

from fuzzcopy import sched


def checked(program, policy=None):
    return sched.run(program, policy, check_determinism=True).failure


def labels_drawn_from(draw):
    def program(s):
        async def worker():
            for _ in range(3):
                await s.point("work", draw())

        s.spawn(worker)
        s.spawn(worker)

    return program


kept = []


def address():
    kept.append(object())  # kept, or the next one would have the same address
    return id(kept[-1])


@pytest.mark.parametrize("draw", [time.perf_counter_ns, address, random.random])
@pytest.mark.parametrize("policy", [sched.Policy(), sched.RandomWalk(1), sched.Sparse({2: 1})])
def test_a_program_that_draws_on_the_world_is_named(draw, policy):
    failure = checked(labels_drawn_from(draw), policy)
    assert isinstance(failure, sched.Nondeterminism)
    assert not isinstance(failure, sched.Verdict)
    assert "work" in str(failure)
    assert "random" in str(failure)


def test_the_first_difference_is_named_and_counted():
    runs = []

    def program(s):
        runs.append(s)

        async def worker():
            await s.point("same")
            await s.point(f"run {len(runs)}")

        s.spawn(worker)
        s.spawn(worker)

    failure = checked(program)
    assert isinstance(failure, sched.Nondeterminism)
    assert "decision 2 differs" in str(failure)
    assert "first task0 at run 1 (1) with task0, task1" in str(failure)
    assert "then task0 at run 2 (1) with task0, task1" in str(failure)


def test_other_choices_at_the_same_place_differ_too():
    runs = []

    def program(s):
        runs.append(s)

        async def worker():
            s.post(sched.Event(f"interrupt {len(runs)}", lambda: None))
            await s.point("work")

        s.spawn(worker)

    assert isinstance(checked(program), sched.Nondeterminism)


@pytest.mark.parametrize("bounds", [(2, 3), (1, 2), (2, 1)])
def test_integers_with_other_bounds_differ(bounds):
    runs = []

    def program(s):
        runs.append(s)

        async def worker():
            s.integer("fault", bounds[len(runs) - 1])
            await s.point("work")

        s.spawn(worker)
        s.spawn(worker)

    assert isinstance(checked(program), sched.Nondeterminism)


def test_a_second_run_that_is_longer_differs():
    runs = []

    def program(s):
        runs.append(s)

        async def worker():
            for _ in range(2 * len(runs)):
                await s.point("work")

        async def other():
            await s.point("work")

        s.spawn(other)
        s.spawn(worker)

    failure = checked(program, sched.Sparse({0: 1}))
    assert isinstance(failure, sched.Nondeterminism)


def test_a_second_run_that_is_shorter_differs():
    runs = []

    def program(s):
        runs.append(s)

        async def worker():
            for _ in range(4 // len(runs)):
                await s.point("work")

        async def other():
            await s.point("work")

        s.spawn(worker)
        s.spawn(other)

    assert isinstance(checked(program), sched.Nondeterminism)


def test_a_single_task_is_found_out_too():
    def program(s):
        async def worker():
            await s.point("work", random.random())

        s.spawn(worker)

    assert isinstance(checked(program), sched.Nondeterminism)


@pytest.mark.parametrize(
    ("points", "told"), [((4, 2), "the second run had ended"), ((2, 4), "the first run had ended")]
)
def test_a_single_task_that_ends_earlier_or_later_differs(points, told):
    runs = []

    def program(s):
        runs.append(s)

        async def worker():
            for _ in range(points[len(runs) - 1]):
                await s.point("work")

        s.spawn(worker)

    failure = checked(program)
    assert isinstance(failure, sched.Nondeterminism)
    assert told in str(failure)


@pytest.mark.parametrize("fails_in", [1, 2])
def test_a_failure_in_only_one_of_the_runs_is_nondeterminism(fails_in):
    runs = []

    def program(s):
        runs.append(s)

        async def worker():
            await s.point("work")
            assert len(runs) != fails_in

        s.spawn(worker)

    assert isinstance(checked(program), sched.Nondeterminism)


def well_behaved(s):
    lock = sched.Mutex(s, "mutex", "lock")
    cell = sched.Cell(s, "x", 0)

    async def worker(name):
        for _ in range(3):
            async with lock:
                await cell.update(lambda value: value + s.integer("fault", 3))
            if s.integer("post", 2):
                s.post(sched.Event(f"interrupt {name} {cell.peek()}", lambda: s.integer("v", 4)))

    for name in "abc":
        s.spawn(worker, name)


def fails_alike(s):
    cell = sched.Cell(s, "x", 0)

    async def worker():
        before = await cell.get()
        await cell.set(before + 1)
        assert await cell.get() == before + 1

    s.spawn(worker)
    s.spawn(worker)


def test_a_deterministic_program_passes_under_every_policy():
    policies = [sched.Policy(), sched.Sparse({3: 1, 5: 2}, {1: 1})]
    policies += [sched.RandomWalk(seed) for seed in range(50)]
    policies += [sched.Pct(seed, depth=3, steps=20) for seed in range(50)]
    runs = sched.run_many(well_behaved, policies, check_determinism=True)
    assert len(runs) == len(policies)
    assert runs[-1].failure is None


def test_a_deterministic_failure_stays_itself():
    runs = sched.run_many(fails_alike, map(sched.RandomWalk, range(50)), check_determinism=True)
    assert isinstance(runs[-1].failure, sched.Crash)


def test_checking_does_not_change_the_schedule():
    for seed in range(20):
        plain = sched.run(fails_alike, sched.RandomWalk(seed))
        again = sched.run(fails_alike, sched.RandomWalk(seed), check_determinism=True)
        assert str(again.failure) == str(plain.failure)
        assert again.steps == plain.steps


def test_without_checking_nothing_is_run_twice():
    runs = []

    def program(s):
        runs.append(s)
        s.spawn(s.point, "work")

    sched.run(program)
    assert len(runs) == 1
    sched.run(program, check_determinism=True)
    assert len(runs) == 3
