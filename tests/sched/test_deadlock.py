"""Total and partial deadlock, and what the verdict says."""

import linecache

import pytest

from fuzzcopy import sched


def edges(failure):
    return {(wait.task, wait.holder) for wait in failure.waits}


def opposite_orders(s, *, bystander=None):
    """Two tasks that take two locks in opposite orders and always get in each other's way."""
    locks = [sched.Mutex(s, "mutex", name) for name in ("lock-a", "lock-b")]
    has = [sched.Completion(s, f"{lock.name} taken") for lock in locks]

    async def worker(first, second):
        await locks[first].acquire()
        has[first].complete()
        await has[second].wait()
        await locks[second].acquire()

    s.spawn(worker, 0, 1, name="one")
    s.spawn(worker, 1, 0, name="two")
    if bystander is not None:
        s.spawn(bystander, s)


def test_opposite_orders_are_a_cycle_of_two():
    failure = sched.run(opposite_orders).failure
    assert isinstance(failure, sched.Deadlock)
    assert failure.kind == "deadlock"
    assert failure.cycle
    assert edges(failure) == {("one", "two"), ("two", "one")}
    assert {wait.task: "lock-a" in wait.resource for wait in failure.waits} == {
        "one": False,
        "two": True,
    }
    assert "held by one" in str(failure)
    assert "held by two" in str(failure)
    assert "nothing can run" not in str(failure)


def test_each_wait_of_a_cycle_is_for_the_holder_in_the_next():
    def program(s):
        forks = [sched.Mutex(s, "fork", f"fork {i}") for i in range(3)]
        seated = [sched.Completion(s, f"{i} seated") for i in range(3)]

        async def philosopher(i):
            await forks[i].acquire()
            seated[i].complete()
            for other in seated:
                await other.wait()
            await forks[(i + 1) % 3].acquire()

        for i in range(3):
            s.spawn(philosopher, i, name=f"p{i}")

    failure = sched.run(program).failure
    assert isinstance(failure, sched.Deadlock)
    waits = failure.waits
    assert len(waits) == 3
    assert [wait.holder for wait in waits] == [wait.task for wait in (*waits[1:], waits[0])]


@pytest.mark.parametrize("seed", range(20))
def test_a_partial_deadlock_is_found_although_a_third_task_could_go_on_for_ever(seed):
    async def bystander(s):
        while True:
            await s.point("work")

    def program(s):
        opposite_orders(s, bystander=bystander)

    done = sched.run(program, sched.RandomWalk(seed))
    assert isinstance(done.failure, sched.Deadlock)
    assert done.failure.cycle
    assert edges(done.failure) == {("one", "two"), ("two", "one")}
    assert not done.fair
    assert done.tasks[2].state is not sched.State.DONE


@pytest.mark.parametrize("kind", [sched.Mutex, sched.SpinLock])
def test_taking_a_lock_twice_is_a_deadlock_with_oneself(kind):
    def program(s):
        lock = kind(s, "mutex", "lock")

        async def worker():
            async with lock, lock:
                pass

        async def bystander():
            while True:
                await s.point("work")

        s.spawn(worker, name="worker")
        s.spawn(bystander)

    failure = sched.run(program).failure
    assert isinstance(failure, sched.Deadlock)
    assert edges(failure) == {("worker", "worker")}
    assert "which it holds itself" in str(failure)


@pytest.mark.parametrize("tape", [{}, {0: 1}], ids=["ended before", "ends while others wait"])
def test_a_lock_taken_to_the_grave_is_a_deadlock_for_who_waits_for_it(tape):
    def program(s):
        lock = sched.Mutex(s, "mutex", "lock")
        taken = sched.Completion(s, "taken")
        waits = sched.Completion(s, "somebody waits")

        async def owner():
            await lock.acquire()
            taken.complete()
            if tape:
                await waits.wait()

        async def heir():
            await taken.wait()
            waits.complete()
            async with lock:
                pass

        async def bystander():
            while True:
                await s.point("work")

        s.spawn(owner, name="owner")
        s.spawn(heir, name="heir")
        s.spawn(bystander)

    done = sched.run(program, sched.Sparse(tape))
    assert isinstance(done.failure, sched.Deadlock)
    assert edges(done.failure) == {("heir", "owner")}
    assert done.failure.waits[0].ended
    assert "held by owner, which has ended" in str(done.failure)


def test_a_lock_taken_to_the_grave_is_none_if_nobody_waits_for_it():
    def program(s):
        lock = sched.Mutex(s, "mutex", "lock")

        async def owner():
            await lock.acquire()

        s.spawn(owner)

    assert sched.run(program).failure is None


def test_a_chain_that_ends_at_an_ended_task_is_told_in_full():
    def program(s):
        locks = [sched.Mutex(s, "mutex", f"lock {i}") for i in range(2)]
        started = sched.Completion(s, "started")

        async def ended():
            await locks[0].acquire()
            await started.wait()

        async def middle():
            await locks[1].acquire()
            await locks[0].acquire()

        async def last():
            await s.point("work")
            await locks[1].acquire()

        async def starter():
            started.complete()

        s.spawn(ended, name="ended")
        s.spawn(middle, name="middle")
        s.spawn(last, name="last")
        s.spawn(starter, name="starter")

    failure = sched.run(program).failure
    assert isinstance(failure, sched.Deadlock)
    assert ("middle", "ended") in edges(failure)


def test_without_a_cycle_every_blocked_task_is_named():
    def program(s):
        queue = sched.WaitQueue(s, "queue")
        lock = sched.Mutex(s, "mutex", "lock")

        async def sleeper():
            async with lock:
                await queue.wait()

        async def waiter():
            async with lock:
                pass

        s.spawn(sleeper, name="sleeper")
        s.spawn(waiter, name="waiter")

    failure = sched.run(program).failure
    assert isinstance(failure, sched.Deadlock)
    assert not failure.cycle
    assert [(wait.task, wait.holder) for wait in failure.waits] == [
        ("sleeper", ""),
        ("waiter", "sleeper"),
    ]
    assert str(failure).startswith("nothing can run: sleeper waits for queue; waiter waits for ")


def test_a_pending_event_is_hope():
    def program(s):
        queue = sched.WaitQueue(s, "queue")

        async def sleeper():
            await queue.wait()

        s.spawn(sleeper)
        s.post(sched.Event("interrupt", queue.wake_all))

    assert sched.run(program).failure is None


def test_a_traced_run_knows_where_the_locks_were_taken():
    traced = sched.run(opposite_orders, watchers=[sched.Recorder()]).failure
    assert isinstance(traced, sched.Deadlock)
    for wait in traced.waits:
        file, _, line = wait.taken_at.rpartition(":")
        assert linecache.getline(file, int(line)).strip() == "await locks[first].acquire()"
        assert wait.label.startswith("mutex.lock lock-")
    untraced = sched.run(opposite_orders).failure
    assert isinstance(untraced, sched.Deadlock)
    assert {wait.taken_at for wait in untraced.waits} == {""}
    assert str(untraced) == str(traced)


def test_the_example_of_the_package_finds_its_deadlock():
    def program(s):
        a, b = sched.Mutex(s, "mutex", "a"), sched.Mutex(s, "mutex", "b")

        async def worker(first, second):
            async with first, second:
                await s.point("work")

        s.spawn(worker, a, b)
        s.spawn(worker, b, a)

    runs = sched.run_many(program, (sched.RandomWalk(seed) for seed in range(100)))
    assert isinstance(runs[-1].failure, sched.Deadlock)
    assert all(done.failure is None for done in runs[:-1])
