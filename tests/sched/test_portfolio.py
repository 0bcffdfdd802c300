"""A mix of policies to try one program under."""

from fuzzcopy import sched


def orders_under(policies, *, points=3):
    order = []
    met = []

    def program(s):
        order.clear()

        async def worker(name):
            for _ in range(points):
                await s.point("work")
                order.append(name)

        s.spawn(worker, "a")
        s.spawn(worker, "b")

    for policy in policies:
        sched.run(program, policy)
        met.append("".join(order))
    return met


def test_the_extremes_come_first():
    assert orders_under(sched.portfolio(0, 10, lambda: 3))[:2] == ["ababab", "aaabbb"]


def test_a_program_without_a_choice_is_run_once():
    assert len(list(sched.portfolio(0, 100, lambda: 0))) == 1


def test_there_are_as_many_as_asked_for():
    assert len(list(sched.portfolio(0, 100, lambda: 5))) == 100


def test_the_same_seed_gives_the_same_tries_and_another_one_others():
    def orders(seed):
        return orders_under(sched.portfolio(seed, 60, lambda: 3))

    assert orders(1) == orders(1)
    assert orders(1) != orders(2)


def test_one_change_of_priorities_comes_at_every_contested_point():
    policies = [
        policy
        for policy in sched.portfolio(0, 400, lambda: 5)
        if isinstance(policy, sched.Pct) and policy.depth == 2
    ]
    met = set(orders_under(policies))
    assert met >= {"aaabbb", "bbbaaa", "abbbaa", "aabbba", "baaabb", "bbaaab"}


def test_all_kinds_of_policies_take_part():
    kinds = {type(policy) for policy in sched.portfolio(0, 40, lambda: 5)}
    assert kinds == {sched.Sparse, sched.Pct, sched.Pos, sched.Turns, sched.Urw}


def test_longer_runs_met_on_the_way_move_the_later_tries_further_out():
    length = [3]
    tries = sched.portfolio(0, 400, lambda: length[0])
    orders_under(next(tries) for _ in range(100))
    length[0] = 40
    preempted = set()
    for order in orders_under(tries, points=40):
        preempted.add(order.find("b"))
    assert max(preempted) > 30
