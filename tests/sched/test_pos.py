"""POS: priorities of pending steps."""

from collections import Counter

from fuzzcopy import sched

RUNS = 400


def orders(make):
    """How often each order of the accesses came about."""
    order = []
    met = Counter()

    def program(s):
        order.clear()
        make(s, order)

    for seed in range(RUNS):
        sched.run(program, sched.Pos(seed))
        met["".join(order)] += 1
    return met


def test_all_interleavings_of_racing_steps_are_reached():
    def make(s, order):
        shared = sched.Cell(s, "shared", 0)

        async def worker(name):
            for _ in range(2):
                await shared.set(0)
                order.append(name)

        s.spawn(worker, "a")
        s.spawn(worker, "b")

    assert set(orders(make)) == {"aabb", "abab", "abba", "baab", "baba", "bbaa"}


def test_a_step_keeps_its_priority_past_what_it_does_not_race_with():
    """Two racing steps, one behind ten steps of its own: random walk hardly ever runs it first."""

    def make(s, order):
        shared = sched.Cell(s, "shared", 0)

        async def late():
            for _ in range(10):
                await s.point("own")
            await shared.set(1)
            order.append("l")

        async def early():
            await shared.set(2)
            order.append("e")

        s.spawn(late)
        s.spawn(early)

    met = orders(make)
    # e keeps its one draw while l has to beat it eleven times: 1 in 12, against 1 in 2048.
    assert met["le"] > RUNS / 30


def test_the_same_seed_is_the_same_schedule():
    def make(s, order):
        async def worker(name):
            for _ in range(4):
                await s.point("work", "shared", write=True)
                order.append(name)

        for name in "abc":
            s.spawn(worker, name)

    assert orders(make) == orders(make)


def test_lasting_events_do_not_take_over():
    """A spontaneous event that stays pending lets the tasks come on."""
    fired = []

    def program(s):
        async def worker():
            for _ in range(20):
                await s.point("work")

        s.spawn(worker)
        s.post(sched.Event("evict", lambda: fired.append(1), spontaneous=True, lasting=True))

    for seed in range(20):
        assert sched.run(program, sched.Pos(seed)).failure is None
    assert 0 < len(fired) < 3 * 20
