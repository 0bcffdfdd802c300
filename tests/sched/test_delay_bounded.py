"""Delay-bounded schedules."""

from fuzzcopy import sched


def orders(*, delays, steps=6, tasks=2, points=3, runs=300):
    order = []
    met = set()

    def program(s):
        order.clear()

        async def worker(name):
            for _ in range(points):
                await s.point("work")
                order.append(name)

        for name in "abc"[:tasks]:
            s.spawn(worker, name)

    for seed in range(runs):
        sched.run(program, sched.DelayBounded(seed, delays=delays, steps=steps))
        met.add("".join(order))
    return met


def test_without_delays_there_is_the_default_alone():
    assert orders(delays=0) == {"aaabbb"}


def test_one_delay_anywhere():
    # Delayed at its end, a gives way to b for nothing: there is nothing left of it.
    assert orders(delays=1) == {"aaabbb", "bbbaaa", "abbbaa", "aabbba"}


def test_more_delays_reach_more():
    assert orders(delays=1) < orders(delays=2) < orders(delays=3)


def test_delays_that_fall_together_pass_over_several():
    assert any(order.startswith("c") for order in orders(delays=2, tasks=3))


def test_events_get_their_turn():
    fired = []

    def program(s):
        async def worker():
            for _ in range(5):
                await s.point("work")
            fired.append("end")

        s.spawn(worker)
        s.post(sched.Event("irq", lambda: fired.append("irq")))

    met = set()
    for seed in range(100):
        fired.clear()
        sched.run(program, sched.DelayBounded(seed, delays=1, steps=20))
        met.add(tuple(fired))
    assert met == {("end", "irq"), ("irq", "end")}
