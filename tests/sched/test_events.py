"""Events: what the hardware may do, must do, and may do again."""

import pytest

from fuzzcopy import sched


class Prefers(sched.Policy):
    """Chooses the event of this name whenever it can happen, at most so many times."""

    def __init__(self, name, times=1):
        self.name = name
        self.left = times
        self.offered = []

    def choose(self, enabled, current):
        names = [choice.name for choice in enabled]
        self.offered.append(names)
        if self.left and self.name in names:
            self.left -= 1
            return names.index(self.name)
        return 0


def worker_with(event, fired, *, points=3):
    def program(s):
        async def worker():
            for step in range(points):
                await s.point("work")
                fired.append(step)

        s.post(event)
        s.spawn(worker)

    return program


def test_an_event_happens_before_the_step_at_which_it_is_chosen():
    fired = []
    event = sched.Event("interrupt", lambda: fired.append("!"))
    sched.run(worker_with(event, fired), sched.Sparse({2: 1}))
    assert fired == [0, "!", 1, 2]


def test_what_was_not_chosen_happens_after_the_last_task_oldest_first():
    fired = []

    def program(s):
        async def worker():
            s.post(sched.Event("third", lambda: fired.append("third")))
            fired.append("worker")

        s.post(sched.Event("first", lambda: fired.append("first")))
        s.post(sched.Event("second", lambda: fired.append("second")))
        s.spawn(worker)

    assert sched.run(program).failure is None
    assert fired == ["worker", "first", "second", "third"]


def test_an_event_may_post_another_one_after_the_last_task():
    fired = []

    def program(s):
        async def worker():
            await s.point("work")

        def first():
            fired.append("first")
            s.post(sched.Event("second", lambda: fired.append("second")))

        s.post(sched.Event("first", first))
        s.spawn(worker)

    assert sched.run(program).failure is None
    assert fired == ["first", "second"]


def test_an_event_happens_once():
    fired = []
    event = sched.Event("interrupt", lambda: fired.append("!"))
    policy = Prefers("interrupt", times=5)
    sched.run(worker_with(event, fired), policy)
    assert fired == ["!", 0, 1, 2]


def test_a_spontaneous_event_need_never_happen():
    fired = []
    event = sched.Event("evict", lambda: fired.append("!"), spontaneous=True)
    assert sched.run(worker_with(event, fired)).failure is None
    assert fired == [0, 1, 2]


def test_a_spontaneous_event_can_happen():
    fired = []
    event = sched.Event("evict", lambda: fired.append("!"), spontaneous=True)
    assert sched.run(worker_with(event, fired), Prefers("evict")).failure is None
    assert fired == ["!", 0, 1, 2]


@pytest.mark.parametrize("lasting", [False, True])
def test_a_spontaneous_event_is_no_help_for_a_blocked_task(lasting):
    fired = []

    def program(s):
        queue = sched.WaitQueue(s, "queue")

        async def waiter():
            await queue.wait()

        def evict():
            fired.append("evict")
            queue.wake_all()

        s.post(sched.Event("evict", evict, spontaneous=True, lasting=lasting))
        s.spawn(waiter)

    class OnceBlocked(Prefers):
        def choose(self, enabled, current):
            return super().choose(enabled, current) if self.scheduler.current else 0

    failure = sched.run(program, OnceBlocked("evict", times=5)).failure
    assert isinstance(failure, sched.Deadlock)
    assert "nothing can run: task0 waits for queue" in str(failure)
    assert not fired


@pytest.mark.parametrize("events", [1, 2])
@pytest.mark.parametrize("max_steps", [1, 100], ids=["fair", "under the policy"])
def test_a_lasting_event_is_no_help_for_a_blocked_task(events, max_steps):
    ticks = []

    def program(s):
        queue = sched.WaitQueue(s, "queue")

        async def waiter():
            await s.point("work")
            await queue.wait()

        def tick():
            ticks.append("tick")
            assert len(ticks) < 1_000

        for number in range(events):
            s.post(sched.Event(f"tick {number}", tick, lasting=True))
        s.spawn(waiter)

    assert isinstance(sched.run(program, max_steps=max_steps).failure, sched.Deadlock)


def test_a_lasting_event_does_not_keep_help_away_by_default():
    fired = []

    def program(s):
        queue = sched.WaitQueue(s, "queue")

        async def waiter():
            await queue.wait()

        def tick():
            fired.append("tick")
            assert len(fired) < 1_000

        s.post(sched.Event("tick", tick, lasting=True))
        s.post(sched.Event("interrupt", lambda: (fired.append("interrupt"), queue.wake_all())))
        s.spawn(waiter)

    assert sched.run(program).failure is None
    assert "interrupt" in fired


def test_with_help_at_hand_a_spontaneous_event_may_come_first():
    fired = []

    def program(s):
        queue = sched.WaitQueue(s, "queue")

        async def waiter():
            await queue.wait()

        def fire(name):
            fired.append(name)
            queue.wake_all()

        s.post(sched.Event("evict", lambda: fire("evict"), spontaneous=True))
        s.post(sched.Event("interrupt", lambda: fire("interrupt")))
        s.spawn(waiter)

    class EvictsWhenBlocked(sched.Policy):
        def choose(self, enabled, current):
            names = [choice.name for choice in enabled]
            return 0 if "task0" in names else names.index("evict")

    assert sched.run(program, EvictsWhenBlocked()).failure is None
    assert fired == ["evict", "interrupt"]


def test_a_lasting_event_stays_posted_until_it_is_withdrawn():
    fired = []

    def program(s):
        def evict():
            fired.append("!")
            if fired.count("!") == 3:
                s.withdraw(event)

        event = sched.Event("evict", evict, spontaneous=True, lasting=True)
        worker_with(event, fired)(s)

    policy = Prefers("evict", times=9)
    assert sched.run(program, policy).failure is None
    assert fired == ["!", "!", "!", 0, 1, 2]
    assert not any("evict" in names for names in policy.offered[3:])


def test_a_lasting_event_is_not_delivered_after_the_last_task():
    fired = []
    event = sched.Event("tick", lambda: fired.append("!"), lasting=True)
    assert sched.run(worker_with(event, fired)).failure is None
    assert fired == [0, 1, 2]


def test_a_withdrawn_event_never_happens():
    fired = []

    def program(s):
        event = s.post(sched.Event("interrupt", lambda: fired.append("!")))

        async def worker():
            s.withdraw(event)
            await s.point("work")

        s.spawn(worker)

    assert sched.run(program, sched.Sparse({1: 1, 2: 1})).failure is None
    assert not fired


def test_a_disabled_event_is_not_offered():
    fired = []

    def program(s):
        event = s.post(sched.Event("interrupt", lambda: fired.append("!")))
        s.enable(event, False)

        async def worker():
            for step in range(4):
                await s.point("work")
                fired.append(step)
                if step == 1:
                    s.enable(event, True)

        s.spawn(worker)

    policy = Prefers("interrupt")
    assert sched.run(program, policy).failure is None
    assert fired == [0, 1, "!", 2, 3]
    assert all("interrupt" in names for names in policy.offered)


def test_an_event_that_stays_disabled_is_neither_help_nor_delivered():
    fired = []

    def program(s):
        queue = sched.WaitQueue(s, "queue")

        async def waiter():
            await queue.wait()

        event = s.post(sched.Event("interrupt", lambda: fired.append("!")))
        s.enable(event, False)
        s.spawn(waiter)

    assert isinstance(sched.run(program).failure, sched.Deadlock)
    assert not fired


def test_an_event_that_is_disabled_at_the_end_is_not_delivered():
    fired = []

    def program(s):
        async def worker():
            await s.point("work")

        s.spawn(worker)
        s.enable(s.post(sched.Event("interrupt", lambda: fired.append("!"))), False)

    assert sched.run(program).failure is None
    assert not fired


@pytest.mark.parametrize("switches", [{3: 1}, {1: 1, 5: 1}], ids=["not yet", "no longer"])
def test_enabling_an_event_that_is_not_posted_changes_nothing(switches):
    order = []
    posted = 1 in switches

    def program(s):
        event = sched.Event("interrupt", lambda: None)

        async def worker(name):
            for _ in range(3):
                await s.point("work")
                order.append(name)

        async def starter():
            await s.point("start")
            s.enable(event, False)
            s.spawn(worker, "a")
            s.spawn(worker, "b")

        if posted:
            s.post(event)
        s.spawn(starter)

    sched.run(program, sched.Sparse(switches))
    assert "".join(order) == "abbbaa"


def test_an_event_can_wake_the_very_task_that_just_blocked():
    order = []

    def program(s):
        arrived = sched.Completion(s, "arrived")

        async def waiter():
            await arrived.wait()
            order.append("waiter")

        s.post(sched.Event("interrupt", lambda: (order.append("!"), arrived.complete())))
        s.spawn(waiter)

    assert sched.run(program).failure is None
    assert order == ["!", "waiter"]


def test_events_that_wake_nobody_are_used_up_before_the_verdict():
    fired = []

    def program(s):
        queue = sched.WaitQueue(s, "queue")

        async def waiter():
            await queue.wait()

        s.post(sched.Event("first", lambda: fired.append("first")))
        s.post(sched.Event("second", lambda: fired.append("second")))
        s.spawn(waiter)

    assert isinstance(sched.run(program).failure, sched.Deadlock)
    assert fired == ["first", "second"]


def test_several_events_can_happen_at_one_point():
    fired = []

    def program(s):
        async def worker():
            await s.point("work")
            fired.append("worker")

        for name in "ab":
            s.post(sched.Event(name, lambda name=name: fired.append(name)))
        s.spawn(worker)

    class AllEvents(sched.Policy):
        def choose(self, enabled, current):
            return len(enabled) - 1

    sched.run(program, AllEvents())
    assert fired == ["b", "a", "worker"]


def test_pending_events_of_one_name_can_be_told_apart():
    """Two reads of one block, say: a schedule says which of them happens."""
    happened = []

    def program(s):
        async def worker():
            for _ in range(3):
                await s.point("work")

        for which in ("first", "second", "third"):
            s.post(sched.Event("read b0", lambda which=which: happened.append(which)))
        s.spawn(worker)

    policy = Prefers("read b0 #3")
    sched.run(program, policy)
    assert policy.offered[0][1:] == ["read b0", "read b0 #2", "read b0 #3"]
    assert happened == ["third", "first", "second"]
    happened.clear()
    recorder = sched.Recorder()
    sched.run(program, Prefers("read b0 #2"), watchers=[recorder])
    first, happened[:] = [*happened], []
    sched.run(program, sched.Replay(recorder.deviations))
    assert happened == first == ["second", "first", "third"]


def test_a_name_is_free_again_when_its_event_is_over():
    def program(s):
        async def worker():
            for _ in range(2):
                event = sched.Event("read b0", lambda: None)
                s.post(event)
                names.append(event.name)
                s.withdraw(event)

        names = s.names = []
        s.spawn(worker)

    assert sched.run(program).names == ["read b0", "read b0"]
