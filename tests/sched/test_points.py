"""The baton: who runs when nobody deviates, and what a preemption point costs."""

import pytest
import trio

from fuzzcopy import sched


def test_with_the_default_policy_a_task_goes_on_until_it_ends():
    order = []

    def program(s):
        async def worker(name):
            for _ in range(3):
                await s.point("work")
                order.append(name)

        s.spawn(worker, "a")
        s.spawn(worker, "b")

    assert sched.run(program).failure is None
    assert order == ["a"] * 3 + ["b"] * 3


def test_when_the_current_task_blocks_the_lowest_numbered_one_is_next():
    order = []

    def program(s):
        lock = sched.Mutex(s, "mutex", "lock")

        async def worker(name):
            await s.point("work")
            async with lock:
                order.append(name)

        async def first():
            await lock.acquire()
            s.spawn(worker, "late")
            await sched.Completion(s, "never").wait()

        async def releaser():
            order.append("releaser")

        s.spawn(first)
        s.spawn(worker, "second")
        s.spawn(worker, "third")
        s.spawn(releaser)

    done = sched.run(program)
    assert isinstance(done.failure, sched.Deadlock)
    assert order == ["releaser"]
    assert [wait.task for wait in done.failure.waits] == ["task0", "task1", "task2", "task4"]


def test_a_woken_task_of_a_lower_number_does_not_take_the_baton_from_the_current_one():
    order = []

    def program(s):
        ready = sched.Completion(s, "ready")

        async def waiter():
            await ready.wait()
            order.append("waiter")

        async def worker():
            ready.complete()
            await s.point("work")
            order.append("worker")

        s.spawn(waiter)
        s.spawn(worker)

    assert sched.run(program).failure is None
    assert order == ["worker", "waiter"]


@pytest.mark.parametrize("woken_first", [0, 1])
def test_of_two_woken_tasks_the_lower_numbered_is_next_whoever_was_woken_first(woken_first):
    order = []

    def program(s):
        queues = [sched.WaitQueue(s, name) for name in "ab"]

        async def waiter(queue):
            await queue.wait()
            order.append(queue.name)

        async def waker():
            queues[woken_first].wake_all()
            queues[1 - woken_first].wake_all()

        for queue in queues:
            s.spawn(waiter, queue)
        s.spawn(waker)

    assert sched.run(program).failure is None
    assert order == ["a", "b"]


def test_events_come_last_by_default():
    order = []

    def program(s):
        async def worker(name):
            await s.point("work")
            order.append(name)

        s.post(sched.Event("interrupt", lambda: order.append("interrupt")))
        s.spawn(worker, "a")
        s.spawn(worker, "b")

    assert sched.run(program).failure is None
    assert order == ["a", "b", "interrupt"]


def test_a_policy_sees_the_current_task_first_then_the_others_by_number_then_the_events():
    seen = []

    class Asks(sched.Policy):
        def choose(self, enabled, current):
            seen.append((current and current.name, [choice.name for choice in enabled]))
            return 1 if current is None else 0

    def program(s):
        async def worker():
            await s.point("work")

        s.post(sched.Event("eviction", lambda: None, spontaneous=True))
        s.post(sched.Event("interrupt", lambda: None))
        for _ in range(3):
            s.spawn(worker)

    sched.run(program, Asks())
    assert seen[0] == (None, ["task0", "task1", "task2", "interrupt", "eviction"])
    assert seen[1] == ("task1", ["task1", "task0", "task2", "interrupt", "eviction"])
    assert seen[2] == (None, ["task0", "task2", "interrupt", "eviction"])


def test_a_point_with_a_single_choice_asks_nobody():
    class Refuses(sched.Policy):
        def choose(self, enabled, current):
            pytest.fail("there was nothing to choose")

    def program(s):
        async def worker():
            await s.point("work")

        s.spawn(worker)

    done = sched.run(program, Refuses())
    assert done.failure is None
    assert done.steps == 1


def trio_steps(points, policy):
    class Counter(trio.abc.Instrument):
        steps = 0

        def before_task_step(self, task):
            self.steps += 1

    counter = Counter()

    async def count(driver):
        scheduler = sched.Scheduler(policy)

        async def worker():
            for _ in range(points):
                await scheduler.point("work")

        scheduler.spawn(worker)
        scheduler.spawn(worker)
        trio.lowlevel.add_instrument(counter)
        await driver.run(scheduler)
        trio.lowlevel.remove_instrument(counter)
        assert scheduler.failure is None
        assert scheduler.steps == 2 * points

    sched.drive(count)
    return counter.steps


def test_going_on_does_not_yield_to_trio():
    # Trio's own tasks take a step or two of their own.
    assert abs(trio_steps(1_000, sched.Policy()) - trio_steps(1, sched.Policy())) < 5


def test_a_preemption_costs_one_switch_of_trio():
    never = trio_steps(100, sched.Sparse({}))
    always = trio_steps(100, sched.Sparse(dict.fromkeys(range(1, 200), 1)))
    assert 195 < always - never < 205


def test_nobody_runs_while_another_task_is_between_two_points():
    for seed in range(50):
        inside = []

        def program(s, inside=inside):
            async def worker(name):
                for _ in range(5):
                    await s.point("work")
                    assert not inside
                    inside.append(name)
                    assert sum(range(10)) == 45
                    inside.remove(name)

            for name in "abc":
                s.spawn(worker, name)

        assert sched.run(program, sched.RandomWalk(seed)).failure is None


def test_a_step_is_told_with_its_footprint_when_it_is_passed_not_when_it_is_reached():
    told = []

    class Steps(sched.Watcher):
        def step(self, task, kind, obj, write):
            told.append((task.name, kind, obj, write))

    def program(s):
        async def reader():
            await s.point("read", "x")

        async def writer():
            await s.point("write", "x", write=True)

        s.spawn(reader, name="reader")
        s.spawn(writer, name="writer")

    # The reader is at its only point when it is preempted.
    sched.run(program, sched.Sparse({1: 1}), watchers=[Steps()])
    assert told == [("writer", "write", "x", True), ("reader", "read", "x", False)]


def test_waiting_in_between_does_not_tell_a_step_twice():
    told = []

    class Steps(sched.Watcher):
        def step(self, task, kind, obj, write):
            told.append((task.name, kind))

    def program(s):
        lock = sched.Mutex(s, "mutex", "lock")

        async def worker():
            async with lock:
                await s.point("work")

        s.spawn(worker, name="a")
        s.spawn(worker, name="b")

    # b begins while a holds the lock.
    sched.run(program, sched.Sparse({2: 1}), watchers=[Steps()])
    assert told == [("a", "mutex.lock"), ("b", "mutex.lock"), ("a", "work"), ("b", "work")]


def test_tasks_keep_what_their_programs_returned():
    def program(s):
        async def double(number):
            await s.point("work")
            return 2 * number

        s.spawn(double, 4, name="four")
        s.spawn(double, 5)

    done = sched.run(program)
    assert [(task.name, task.result) for task in done.tasks] == [("four", 8), ("task1", 10)]
    assert {task.state for task in done.tasks} == {sched.State.DONE}


def test_a_task_spawned_by_another_one_runs_too():
    order = []

    def program(s):
        async def child():
            await s.point("work")
            order.append("child")

        async def parent():
            s.spawn(child)
            await s.point("work")
            order.append("parent")

        s.spawn(parent)

    assert sched.run(program).failure is None
    assert order == ["parent", "child"]


def test_nothing_of_a_task_happens_before_it_is_first_chosen():
    order = []

    def program(s):
        async def worker(name):
            order.append(name)

        s.spawn(worker, "a")
        s.spawn(worker, "b")

    sched.run(program, sched.Sparse({0: 1}))
    assert order == ["b", "a"]


def test_a_scheduler_without_tasks_ends_well():
    assert sched.run(lambda s: None).failure is None


def test_events_are_delivered_even_if_there_is_no_task():
    delivered = []

    def program(s):
        s.post(sched.Event("interrupt", lambda: delivered.append("interrupt")))

    sched.run(program)
    assert delivered == ["interrupt"]
