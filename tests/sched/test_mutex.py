"""A sleeping lock with one owner."""

import pytest

from fuzzcopy import sched


class Sees(sched.Watcher):
    def __init__(self):
        self.told = []

    def lock_wanted(self, task, lock, sleeps):
        self.told.append(("wanted", task.name, lock.name, sleeps))

    def lock_taken(self, task, lock, shared, tried):
        self.told.append(("taken", task.name, lock.name, shared, tried))

    def lock_released(self, task, lock):
        self.told.append(("released", task.name, lock.name))

    def task_blocked(self, task, resource):
        self.told.append(("blocked", task.name, resource.name))


def test_two_tasks_are_never_inside_together():
    for seed in range(100):
        inside = []

        def program(s, inside=inside):
            lock = sched.Mutex(s, "mutex", "lock")

            async def worker(name):
                async with lock:
                    inside.append(name)
                    await s.point("work")
                    assert inside == [name]
                    inside.clear()

            for name in "abc":
                s.spawn(worker, name)

        assert sched.run(program, sched.RandomWalk(seed)).failure is None


def test_without_the_lock_they_are():
    def program(s):
        inside = []

        async def worker(name):
            await s.point("enter")
            inside.append(name)
            await s.point("work")
            assert inside == [name]
            inside.clear()

        s.spawn(worker, "a")
        s.spawn(worker, "b")

    runs = sched.run_many(program, map(sched.RandomWalk, range(100)))
    assert isinstance(runs[-1].failure, sched.Crash)


def test_any_waiter_can_be_the_next_owner():
    orders = set()
    for seed in range(200):
        order = []

        def program(s, order=order):
            lock = sched.Mutex(s, "mutex", "lock")

            async def worker(name):
                async with lock:
                    order.append(name)
                    await s.point("work")

            for name in "abc":
                s.spawn(worker, name)

        assert sched.run(program, sched.RandomWalk(seed)).failure is None
        orders.add("".join(order))
    assert orders == {"abc", "acb", "bac", "bca", "cab", "cba"}


def test_a_newcomer_can_take_the_lock_before_the_woken_waiter():
    sees = Sees()

    def program(s):
        lock = sched.Mutex(s, "mutex", "lock")

        async def owner():
            await lock.acquire()
            await s.point("work")
            lock.release()
            await lock.acquire()
            await s.point("work")
            lock.release()

        async def waiter():
            async with lock:
                pass

        s.spawn(owner, name="owner")
        s.spawn(waiter, name="waiter")

    assert sched.run(program, sched.Sparse({2: 1}), watchers=[sees]).failure is None
    takers = [name for what, name, *_ in sees.told if what == "taken"]
    assert takers == ["owner", "owner", "waiter"]
    assert [name for what, name, *_ in sees.told if what == "blocked"] == ["waiter"]


def test_what_the_watchers_are_told():
    sees = Sees()

    def program(s):
        lock = sched.Mutex(s, "mutex", "lock")

        async def worker():
            async with lock:
                await s.point("work")

        s.spawn(worker, name="a")
        s.spawn(worker, name="b")

    sched.run(program, sched.Sparse({2: 1}), watchers=[sees])
    assert sees.told == [
        ("wanted", "a", "lock", True),
        ("taken", "a", "lock", False, False),
        ("wanted", "b", "lock", True),
        ("blocked", "b", "lock"),
        ("released", "a", "lock"),
        ("taken", "b", "lock", False, False),
        ("released", "b", "lock"),
    ]


def test_taking_is_a_preemption_point_and_releasing_is_none():
    def program(s):
        lock = sched.Mutex(s, "mutex", "lock")

        async def worker():
            await lock.acquire()
            lock.release()

        s.spawn(worker)

    assert sched.run(program).steps == 1


def test_the_step_of_taking_is_labelled_with_the_lock_class():
    labels = []

    class Labels(sched.Watcher):
        def step(self, task, kind, obj, write):
            labels.append((task.label, write))

    def program(s):
        lock = sched.Mutex(s, "page", "f0:2")

        async def worker():
            async with lock:
                pass
            assert await lock.try_acquire()

        s.spawn(worker)

    sched.run(program, watchers=[Labels()])
    assert labels == [("page.lock f0:2", True), ("page.trylock f0:2", True)]


def test_trying_takes_a_free_lock_and_does_not_wait_for_a_taken_one():
    sees = Sees()
    got = []

    def program(s):
        lock = sched.Mutex(s, "mutex", "lock")

        async def worker():
            got.append(await lock.try_acquire())
            await s.point("work")
            if got[-1]:
                got.append(lock.locked)

        s.spawn(worker, name="a")
        s.spawn(worker, name="b")

    assert sched.run(program, sched.Sparse({2: 1}), watchers=[sees]).failure is None
    assert got[:2] == [True, False]
    assert sees.told == [("taken", "a", "lock", False, True)]


def test_trying_is_a_preemption_point():
    got = []

    def program(s):
        lock = sched.Mutex(s, "mutex", "lock")

        async def worker(name):
            got.append((name, await lock.try_acquire()))

        s.spawn(worker, "a")
        s.spawn(worker, "b")

    sched.run(program, sched.Sparse({1: 1}))
    assert got == [("b", True), ("a", False)]


def test_owners_are_known_at_every_instant():
    def program(s):
        lock = sched.Mutex(s, "mutex", "lock")

        async def worker():
            assert not lock.locked
            async with lock:
                assert lock.locked
                assert lock.held_by(s.current)
                assert not lock.held_by(s.tasks[1])
                assert lock.holders == [s.current]
            assert not lock.locked
            assert not lock.held_by(s.current)

        async def idler():
            await s.point("idle")

        s.spawn(worker)
        s.spawn(idler)

    assert sched.run(program).failure is None


def test_a_new_object_is_locked_without_a_point():
    sees = Sees()

    def program(s):
        async def worker():
            lock = sched.Mutex(s, "page", "new")
            lock.take_new()
            assert lock.held_by(s.current)
            lock.release()

        s.spawn(worker, name="a")

    done = sched.run(program, watchers=[sees])
    assert done.failure is None
    assert done.steps == 0
    assert sees.told == [("taken", "a", "new", False, True), ("released", "a", "new")]


def test_releasing_a_lock_that_is_not_held_is_a_crash():
    def program(s):
        lock = sched.Mutex(s, "mutex", "lock")

        async def worker():
            lock.release()

        s.spawn(worker)

    failure = sched.run(program).failure
    assert isinstance(failure, sched.Crash)
    assert isinstance(failure.__cause__, RuntimeError)
    assert "lock" in str(failure)


def test_releasing_the_lock_of_another_task_is_a_crash():
    def program(s):
        lock = sched.Mutex(s, "mutex", "lock")

        async def owner():
            await lock.acquire()

        async def thief():
            with pytest.raises(RuntimeError, match="thief releases lock"):
                lock.release()
            assert lock.held_by(s.tasks[0])

        s.spawn(owner)
        s.spawn(thief, name="thief")

    assert sched.run(program).failure is None


def test_an_exception_inside_lets_go_of_the_lock():
    def program(s):
        lock = sched.Mutex(s, "mutex", "lock")

        async def careless():
            try:
                async with lock:
                    raise KeyError("x")
            except KeyError:
                assert not lock.locked

        s.spawn(careless)

    assert sched.run(program).failure is None
