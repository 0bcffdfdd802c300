"""With what probability the runs of a program missed a bug."""

import pytest

from fuzzcopy import sched


def missed(program, policies, **scheduler):
    total = sched.Missed()

    async def each(driver):
        for policy in policies:
            run = sched.Scheduler(policy, **scheduler)
            program(run)
            await driver.run(run)
            total.add(run, policy)

    sched.drive(each)
    return total


def workers(tasks, points):
    def program(s):
        async def work():
            for _ in range(points):
                await s.point("work")

        for _ in range(tasks):
            s.spawn(work)

    return program


def pct(runs, *, depth, steps):
    return [sched.Pct(seed, depth=depth, steps=steps) for seed in range(runs)]


def test_runs_of_depth_one_miss_a_bug_of_depth_one():
    total = missed(workers(4, 2), pct(5, depth=1, steps=1))
    assert total.entities == 4
    assert total.chance(1) == pytest.approx((1 - 1 / 4) ** 5)
    assert total.chance(2) == total.chance(3) == 1


def test_a_run_counts_for_less_depth_with_its_own_bound():
    total = missed(workers(2, 5), pct(3, depth=3, steps=20))
    assert total.points < 20
    expected = pytest.approx((1 - 1 / (2 * 20**2)) ** 3)
    assert (total.chance(1), total.chance(2), total.chance(3)) == (expected,) * 3


def test_other_policies_promise_nothing():
    total = missed(workers(2, 3), [sched.RandomWalk(1), sched.Pos(2), sched.Sparse({1: 1})])
    assert total.chance(1) == 1


def test_changes_that_could_not_be_everywhere_do_not_count():
    total = missed(workers(2, 5), [*pct(3, depth=2, steps=2), *pct(1, depth=2, steps=10)])
    assert 2 < total.points <= 10
    assert total.chance(2) == pytest.approx(1 - 1 / (2 * 10))


def test_a_run_that_reached_the_step_limit_does_not_count():
    total = missed(workers(2, 5), pct(3, depth=1, steps=1), max_steps=4)
    assert total.chance(1) == 1


def test_the_only_schedule_misses_nothing():
    assert missed(workers(1, 9), [sched.Sparse({})]).chance(3) == 0


def test_a_number_that_could_be_another_is_another_schedule():
    def program(s):
        async def draw():
            await s.point("draw")
            s.integer("which", 3)

        s.spawn(draw)

    total = missed(program, pct(1, depth=1, steps=1))
    assert total.chance(1) == pytest.approx(1 - 7 / 8)


def test_an_event_counts_as_one_more_and_a_spontaneous_one_makes_the_last_less_likely():
    def program(spontaneous):
        def program(s):
            workers(2, 4)(s)
            event = sched.Event("whim", lambda: None, spontaneous=spontaneous, lasting=spontaneous)
            s.post(event)

        return program

    plain = missed(program(False), pct(1, depth=1, steps=1))
    whim = missed(program(True), pct(1, depth=1, steps=1))
    assert plain.chance(1) == pytest.approx(1 - 1 / 3)
    assert whim.chance(1) == pytest.approx(1 - 0.3 / 3)


@pytest.mark.parametrize("depth", [1, 2])
def test_the_claim_holds_for_a_bug_that_is_there(depth):
    """As often as it says at most, a search of a few runs misses it."""
    searches_made, runs = 300, 3

    def program(s):
        shared = sched.Cell(s, "shared", 0)

        async def user():
            first = await shared.get()
            second = await shared.get()
            assert (first, second) != ((1, 1) if depth == 1 else (0, 1))

        async def setter():
            await shared.set(1)

        s.spawn(user)
        s.spawn(setter)

    async def search(driver, first_seed):
        total = sched.Missed()
        found = False
        for seed in range(first_seed, first_seed + runs):
            policy = sched.Pct(seed, depth=depth, steps=3)
            run = sched.Scheduler(policy)
            program(run)
            await driver.run(run)
            total.add(run, policy)
            found = found or run.failure is not None
        return found, total.chance(depth)

    async def all_searches(driver):
        return [await search(driver, number * runs) for number in range(searches_made)]

    searches = sched.drive(all_searches)
    rate = sum(not found for found, _ in searches) / searches_made
    claimed = max(chance for _, chance in searches)
    assert claimed < 1
    assert rate <= claimed + 3 * (claimed * (1 - claimed) / searches_made) ** 0.5
