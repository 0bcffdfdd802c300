"""Something that happens once."""

import pytest

from fuzzcopy import sched


def test_waiting_ends_when_it_has_happened():
    for seed in range(50):
        order = []

        def program(s, order=order):
            done = sched.Completion(s, "io")

            async def waiter():
                await done.wait()
                order.append("waiter")

            async def worker():
                await s.point("work")
                order.append("worker")
                done.complete()

            s.spawn(waiter)
            s.spawn(waiter)
            s.spawn(worker)

        assert sched.run(program, sched.RandomWalk(seed)).failure is None
        assert order == ["worker", "waiter", "waiter"]


def test_waiting_for_what_has_happened_returns_at_once_but_is_a_point():
    def program(s):
        done = sched.Completion(s, "io")

        async def waiter():
            await done.wait()
            await done.wait()

        assert not done.done
        done.complete()
        assert done.done
        s.spawn(waiter)

    result = sched.run(program)
    assert result.failure is None
    assert result.steps == 2


def test_an_event_can_complete_it():
    def program(s):
        done = sched.Completion(s, "io")

        async def waiter():
            s.post(sched.Event("interrupt", done.complete))
            await done.wait()

        s.spawn(waiter)

    assert sched.run(program).failure is None


def test_what_never_happens_is_a_deadlock_that_names_it():
    def program(s):
        async def waiter():
            await sched.Completion(s, "io 7").wait()

        s.spawn(waiter)

    failure = sched.run(program).failure
    assert isinstance(failure, sched.Deadlock)
    assert "task0 waits for io 7" in str(failure)


def owed(program_of_debtor):
    def program(s):
        lock = sched.Mutex(s, "mutex", "lock")
        acks = sched.Completion(s, "acks")

        async def sender():
            async with lock:
                await acks.wait()

        async def bystander():
            while True:
                await s.point("work")

        s.spawn(sender, name="sender")
        debtor = s.spawn(program_of_debtor, s, lock, acks, name="debtor")
        acks.owed_by.append(debtor)
        s.spawn(bystander)

    return sched.run(program, sched.Sparse({1: 0, 2: 1})).failure


async def takes_the_lock_first(s, lock, acks):
    async with lock:
        acks.complete()


async def ends(s, lock, acks):
    pass


@pytest.mark.parametrize(
    ("debtor", "waits"),
    [
        (takes_the_lock_first, {("sender", "debtor"), ("debtor", "sender")}),
        (ends, {("sender", "debtor")}),
    ],
)
def test_a_known_debtor_takes_part_in_the_search_for_cycles(debtor, waits):
    failure = owed(debtor)
    assert isinstance(failure, sched.Deadlock)
    assert failure.cycle
    assert {(wait.task, wait.holder) for wait in failure.waits} == waits


def test_all_debtors_must_act():
    def program(s):
        acks = sched.Completion(s, "acks")

        async def sender():
            await acks.wait()

        async def acknowledges(task):
            acks.owed_by.remove(task())
            if not acks.owed_by:
                acks.complete()

        s.spawn(sender)
        tasks = []
        for index in range(2):
            tasks.append(s.spawn(acknowledges, lambda index=index: tasks[index]))
        acks.owed_by += tasks

    for done in sched.run_many(program, map(sched.RandomWalk, range(50))):
        assert done.failure is None


@pytest.mark.parametrize("sleeps", [True, False])
@pytest.mark.parametrize("already", [True, False])
def test_it_tells_that_the_task_might_have_slept(sleeps, already):
    told = []

    class Sleeps(sched.Watcher):
        def sleeping(self, task, resource):
            told.append((task.name, resource.name))

    def program(s):
        done = sched.Completion(s, "io", sleeps=sleeps)

        async def waiter():
            await done.wait()

        s.spawn(waiter)
        if already:
            done.complete()
        else:
            s.post(sched.Event("interrupt", done.complete))

    assert sched.run(program, watchers=[Sleeps()]).failure is None
    assert told == ([("task0", "io")] if sleeps else [])
