"""The probability bound of the PCT paper, on the bugs of its first figure.

With n tasks and k steps, one run hits a bug of depth d with probability 1/(n*k**(d-1)) at least.
"""

import pytest

from fuzzcopy import sched

pytestmark = pytest.mark.slow

SEEDS = 2_000


def rate(program, *, depth, steps):
    """How often the bug is hit, and the largest number of contested points of any run."""
    hits = contested = 0

    async def each(driver):
        nonlocal hits, contested
        for seed in range(SEEDS):
            scheduler = sched.Scheduler(sched.Pct(seed, depth=depth, steps=steps))
            program(scheduler)
            await driver.run(scheduler)
            hits += scheduler.failure is not None
            contested = max(contested, scheduler.contested())

    sched.drive(each)
    assert contested <= steps
    return hits / SEEDS


def holds(program, *, tasks, steps, depth):
    """Whether the bound holds, but for three standard deviations: some bugs sit right on it."""
    bound = 1 / (tasks * steps ** (depth - 1))
    slack = 3 * (bound * (1 - bound) / SEEDS) ** 0.5
    assert rate(program, depth=depth, steps=steps) >= bound - slack


def use_before_initialisation(s):
    """Depth 1: the child must not run before the parent has stored the pointer."""
    pointer = sched.Cell(s, "pointer", None)

    async def child():
        assert await pointer.get() is not None

    async def parent():
        await s.point("allocate")
        s.spawn(child)
        await s.point("work")
        await pointer.set("object")

    s.spawn(parent)


def test_ordering_bug_of_depth_one():
    holds(use_before_initialisation, tasks=2, steps=20, depth=1)


def checked_then_used(*, before, after, others):
    """Depth 2: ``pointer`` must not be cleared between the check and the use."""

    def program(s):
        pointer = sched.Cell(s, "pointer", "object")

        async def user():
            for _ in range(before):
                await s.point("work")
            if await pointer.get() is not None:
                assert await pointer.get() is not None
            for _ in range(after):
                await s.point("work")

        async def clearer():
            for _ in range(others):
                await s.point("work")
            await pointer.set(None)

        s.spawn(user)
        s.spawn(clearer)

    return program


@pytest.mark.parametrize(
    ("before", "after", "others"), [(8, 9, 0), (0, 17, 0), (17, 0, 0), (4, 5, 8)]
)
def test_atomicity_bug_of_depth_two_with_two_tasks_and_twenty_steps(before, after, others):
    program = checked_then_used(before=before, after=after, others=others)
    holds(program, tasks=2, steps=20, depth=2)


def test_atomicity_bug_at_the_very_last_contested_point():
    program = checked_then_used(before=3, after=0, others=0)
    holds(program, tasks=2, steps=6, depth=2)


def test_depth_two_bugs_are_out_of_reach_of_depth_one():
    program = checked_then_used(before=8, after=9, others=0)
    assert rate(program, depth=1, steps=20) == 0


def locks_in_opposite_orders(s):
    """Depth 2: each task must hold its first lock when it wants its second."""
    a, b = sched.Mutex(s, "mutex", "a"), sched.Mutex(s, "mutex", "b")

    async def worker(first, second):
        for _ in range(4):
            await s.point("work")
        async with first:
            await s.point("work")
            async with second:
                await s.point("work")
        await s.point("work")

    s.spawn(worker, a, b)
    s.spawn(worker, b, a)


def test_deadlock_of_depth_two():
    holds(locks_in_opposite_orders, tasks=2, steps=20, depth=2)


def test_a_bug_of_depth_three():
    def program(s):
        pointer = sched.Cell(s, "pointer", 0)

        async def user():
            first = await pointer.get()
            second = await pointer.get()
            assert (first, second) != (0, 1)

        async def counter():
            await pointer.set(1)
            await pointer.set(2)

        s.spawn(user)
        s.spawn(counter)

    holds(program, tasks=2, steps=4, depth=3)
    assert rate(program, depth=2, steps=4) == 0


def test_a_switch_right_after_a_change_of_the_choices():
    def program(s):
        shared = sched.Cell(s, "shared", 0)

        async def owner():
            await shared.set(1)
            s.post(sched.Event("interrupt", lambda: None))
            await shared.set(0)

        async def reader():
            assert await shared.get() == 0

        s.spawn(owner)
        s.spawn(reader)

    # Three that take part: the interrupt has a priority of its own, and is a step.
    holds(program, tasks=3, steps=5, depth=2)


def test_an_event_that_must_be_late_takes_a_change_point_like_a_task():
    """Depth 2: the interrupt after the store, and both after the first look."""

    def program(s):
        shared = sched.Cell(s, "shared", 0)
        happened = []

        async def looker():
            first = await shared.get()
            await s.point("work")
            assert not (first == 0 and shared.peek() == 1 and not happened)

        async def storer():
            await shared.set(1)

        s.post(sched.Event("interrupt", lambda: happened.append(1)))
        s.spawn(looker)
        s.spawn(storer)

    holds(program, tasks=3, steps=6, depth=3)


def ordered(s):
    """Depth 1: a long task to its end, before a short one."""
    done = []

    async def long():
        for _ in range(18):
            await s.point("work")
        done.append(1)

    async def short():
        await s.point("work")
        assert not done

    s.spawn(long)
    s.spawn(short)


def test_change_points_to_spare_cost_what_the_greater_depth_costs():
    """1/(n k^(d-1)) holds for a bug of less depth only with the d of the run."""
    holds(ordered, tasks=2, steps=20, depth=1)
    holds(ordered, tasks=2, steps=20, depth=2)
    assert rate(ordered, depth=2, steps=20) < 1 / 4 < rate(ordered, depth=1, steps=20)
