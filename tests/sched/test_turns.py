"""Tasks that take turns: one point each, one event a round."""

from fuzzcopy import sched


def order_of(build):
    order = []

    def program(s):
        order.clear()
        build(s, order)

    sched.run(program, sched.Turns())
    return "".join(order)


def worker(s, order, name, points):
    async def work():
        for _ in range(points):
            await s.point("work")
            order.append(name)

    s.spawn(work, name=name)


def test_nobody_goes_twice_while_another_waits():
    def build(s, order):
        worker(s, order, "a", 4)
        worker(s, order, "b", 2)
        worker(s, order, "c", 3)

    assert order_of(build) == "abcabcaca"


def test_events_happen_one_a_round_and_not_of_themselves():
    def build(s, order):
        worker(s, order, "a", 3)
        worker(s, order, "b", 3)
        for name in "XY":
            s.post(sched.Event(name, lambda name=name: order.append(name)))
        s.post(sched.Event("never", lambda: order.append("!"), spontaneous=True))

    order = order_of(build)
    assert "!" not in order
    assert "XY" not in order
    assert order.replace("X", "").replace("Y", "") == "ababab"


def test_two_that_take_each_others_lock_hang():
    async def both(first, second):
        async with first, second:
            pass

    def program(s):
        one, other = (sched.Mutex(s, "some", name) for name in ("one", "other"))
        s.spawn(both, one, other)
        s.spawn(both, other, one)

    outcome = sched.run(program, sched.Turns())
    assert isinstance(outcome.failure, sched.Deadlock)
