"""Tasks that sleep until somebody wakes them all."""

from fuzzcopy import sched


def test_everybody_who_waits_is_woken():
    woken = []

    def program(s):
        queue = sched.WaitQueue(s, "queue")

        async def waiter(name):
            await queue.wait()
            woken.append(name)

        async def waker():
            queue.wake_all()
            woken.append("waker")

        s.spawn(waiter, "a")
        s.spawn(waiter, "b")
        s.spawn(waker)

    assert sched.run(program).failure is None
    assert woken == ["waker", "a", "b"]


def test_a_wake_up_is_not_remembered():
    def program(s):
        queue = sched.WaitQueue(s, "queue")

        async def waker():
            queue.wake_all()

        async def waiter():
            await queue.wait()

        s.spawn(waker)
        s.spawn(waiter)

    failure = sched.run(program).failure
    assert isinstance(failure, sched.Deadlock)
    assert not failure.cycle
    assert "task1 waits for queue" in str(failure)


def test_a_task_waits_once_per_wake_up():
    laps = []

    def program(s):
        queue = sched.WaitQueue(s, "queue")

        async def waiter():
            for lap in range(3):
                await queue.wait()
                laps.append(lap)

        async def waker():
            for _ in range(3):
                queue.wake_all()
                await s.point("work")

        s.spawn(waiter)
        s.spawn(waker)

    assert sched.run(program, sched.Sparse({1: 1, 2: 1, 3: 1})).failure is None
    assert laps == [0, 1, 2]


def test_a_task_that_waits_for_something_else_by_now_is_not_woken():
    def program(s):
        queue = sched.WaitQueue(s, "queue")
        lock = sched.Mutex(s, "mutex", "lock")

        async def waiter():
            await queue.wait()
            async with lock:
                assert lock.holders == [s.current]

        async def waker():
            async with lock:
                queue.wake_all()
                await s.point("let the waiter want the lock")
                queue.wake_all()
                await s.point("work")

        s.spawn(waiter)
        s.spawn(waker)

    for done in sched.run_many(program, map(sched.RandomWalk, range(50))):
        assert done.failure is None or "waits for queue" in str(done.failure)


def lost_wake_ups(check_and_wait):
    """How many of 300 schedules end badly when a waiter does this."""
    bad = 0
    for seed in range(300):

        def program(s):
            queue = sched.WaitQueue(s, "queue")
            ready = sched.Cell(s, "ready", False)

            async def waker():
                await ready.set(True)
                queue.wake_all()

            s.spawn(check_and_wait, s, queue, ready)
            s.spawn(waker)

        bad += sched.run(program, sched.RandomWalk(seed)).failure is not None
    return bad


def test_a_condition_checked_in_a_loop_without_a_point_before_waiting_loses_no_wake_up():
    async def careful(s, queue, ready):
        while not await ready.get():
            await queue.wait()

    assert lost_wake_ups(careful) == 0


def test_a_point_between_check_and_wait_loses_some():
    async def careless(s, queue, ready):
        while not await ready.get():
            await s.point("dawdle")
            await queue.wait()

    assert lost_wake_ups(careless) > 0


def test_waiting_is_announced_and_is_no_point_of_its_own():
    told = []

    class Sleeps(sched.Watcher):
        def sleeping(self, task, resource):
            told.append(("sleeping", task.name, resource.name))

        def task_blocked(self, task, resource):
            told.append(("blocked", task.name, resource.name))

    def program(s):
        queue = sched.WaitQueue(s, "queue")

        async def waiter():
            await queue.wait()

        s.post(sched.Event("interrupt", queue.wake_all))
        s.spawn(waiter)

    done = sched.run(program, watchers=[Sleeps()])
    assert done.failure is None
    assert done.steps == 0
    assert told == [("sleeping", "task0", "queue"), ("blocked", "task0", "queue")]
