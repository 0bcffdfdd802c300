"""The event stream: who watches what, and what it costs when nobody does."""

import pytest

from fuzzcopy import sched


class Takes(sched.Watcher):
    def __init__(self, name="", told=None):
        self.name = name
        self.told = [] if told is None else told

    def lock_taken(self, task, lock, shared, tried):
        self.told.append(self.name)


class TakesAndSteps(Takes):
    def step(self, task, kind, obj, write):
        self.told.append("step")


EVENTS = [name for name in dir(sched.Watcher) if not name.startswith("_")]


def test_an_event_that_nobody_watches_is_an_empty_tuple():
    bus = sched.Bus()
    assert {getattr(bus, name) for name in EVENTS} == {()}


def test_only_overridden_handlers_are_called():
    takes = Takes()
    bus = sched.Bus([takes])
    assert bus.lock_taken == (takes.lock_taken,)
    assert {getattr(bus, name) for name in EVENTS if name != "lock_taken"} == {()}


def test_an_inherited_handler_counts():
    watcher = TakesAndSteps()
    bus = sched.Bus([watcher])
    assert bus.lock_taken == (watcher.lock_taken,)
    assert bus.step == (watcher.step,)


def test_handlers_are_called_in_the_order_of_the_watchers():
    told = []
    bus = sched.Bus([Takes("a", told), TakesAndSteps("b", told), Takes("c", told)])
    for tell in bus.lock_taken:
        tell(None, None, False, False)
    assert told == ["a", "b", "c"]


def test_an_unknown_event_is_an_attribute_error():
    with pytest.raises(AttributeError, match="lock_stolen"):
        _ = sched.Bus([Takes()]).lock_stolen


def test_closing_silences_everything():
    bus = sched.Bus([TakesAndSteps()])
    bus.close()
    assert {getattr(bus, name) for name in EVENTS} == {()}
    with pytest.raises(AttributeError):
        _ = bus.lock_stolen


class Memory(sched.Watcher):
    def stored(self, address):
        """A store took effect."""


class Stores(Memory):
    def stored(self, address):
        pass


def test_a_layer_above_has_a_vocabulary_of_its_own():
    stores, takes = Stores(), Takes()
    bus = sched.Bus([stores, takes], vocabulary=Memory)
    assert bus.stored == (stores.stored,)
    assert bus.lock_taken == (takes.lock_taken,)
    assert bus.step == ()


def test_the_events_of_a_layer_above_are_unknown_below():
    bus = sched.Bus([Stores()])
    with pytest.raises(AttributeError, match="stored"):
        _ = bus.stored


def test_a_watcher_is_reused_by_the_next_bus():
    takes = Takes()

    def program(s):
        lock = sched.Mutex(s, "mutex", "lock")

        async def worker():
            async with lock:
                pass
            await lock.acquire()
            s.fail(sched.Verdict("enough"))

        s.spawn(worker)

    for runs in (1, 2):
        sched.run(program, watchers=[takes])
        assert len(takes.told) == 2 * runs


def test_the_life_of_a_task_is_announced():
    told = []

    class Lives(sched.Watcher):
        def task_blocked(self, task, resource):
            told.append(f"{task} blocked")

        def task_ended(self, task):
            told.append(f"{task} ended")

        def event_fired(self, event):
            told.append(f"{event} fired")

    def program(s):
        arrived = sched.Completion(s, "arrived")

        async def waiter():
            await arrived.wait()

        async def other():
            await s.point("work")

        s.spawn(waiter, name="waiter")
        s.spawn(other, name="other")
        s.post(sched.Event("interrupt", lambda: (told.append("effect"), arrived.complete())))
        s.post(sched.Event("late", lambda: None))

    sched.run(program, watchers=[Lives()])
    assert told == [
        "waiter blocked",
        "other ended",
        "interrupt fired",
        "effect",
        "waiter ended",
        "late fired",
    ]


def test_decisions_are_announced_with_their_place():
    told = []

    class Decisions(sched.Watcher):
        def decided(self, task, label, nth, choice, value):
            told.append((task.name, label, nth, choice, value))

    def program(s):
        async def worker():
            for _ in range(2):
                await s.point("work", "x")
            s.integer("fault", 4)

        s.post(sched.Event("interrupt", lambda: None))
        s.spawn(worker, name="one")
        s.spawn(worker, name="two")

    policy = sched.Sparse({0: 1, 2: 2}, {0: 3})
    sched.run(program, policy, watchers=[Decisions()])
    assert told == [
        ("one", "begin", 1, "two", 0),
        ("two", "work x", 2, "interrupt", 0),
        ("two", "fault", 1, "", 3),
    ]
