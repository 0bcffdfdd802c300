"""A daemon may still be blocked when everything else has ended."""

from fuzzcopy import sched


def test_a_blocked_daemon_does_not_keep_the_run_from_its_end():
    def program(s):
        queue = sched.WaitQueue(s, "queue")

        async def serve():
            while True:
                await queue.wait()

        async def worker():
            await s.point("work")

        s.spawn(serve, daemon=True)
        s.spawn(worker)

    done = sched.run(program)
    assert done.failure is None
    assert [task.state for task in done.tasks] == [sched.State.BLOCKED, sched.State.DONE]


def test_the_same_task_is_a_deadlock_if_it_is_no_daemon():
    def program(s):
        queue = sched.WaitQueue(s, "queue")

        async def serve():
            while True:
                await queue.wait()

        s.spawn(serve)

    assert isinstance(sched.run(program).failure, sched.Deadlock)


def test_a_daemon_that_can_run_is_waited_for():
    order = []

    def program(s):
        async def worker():
            await s.point("work")

        async def flusher():
            await s.point("work")
            order.append("flushed")

        s.spawn(worker)
        s.spawn(flusher, daemon=True)

    assert sched.run(program).failure is None
    assert order == ["flushed"]


def test_a_deadlock_with_a_daemon_counts():
    def program(s):
        a, b = sched.Mutex(s, "mutex", "a"), sched.Mutex(s, "mutex", "b")
        has = [sched.Completion(s, "first"), sched.Completion(s, "second")]

        async def worker(mine, yours, me):
            await mine.acquire()
            has[me].complete()
            await has[1 - me].wait()
            await yours.acquire()

        s.spawn(worker, a, b, 0)
        s.spawn(worker, b, a, 1, daemon=True)

    assert isinstance(sched.run(program).failure, sched.Deadlock)


def test_a_daemon_is_not_named_among_those_that_cannot_run():
    def program(s):
        queue = sched.WaitQueue(s, "queue")

        async def waiter():
            await queue.wait()

        s.spawn(waiter, name="daemon", daemon=True)
        s.spawn(waiter, name="victim")

    failure = sched.run(program).failure
    assert isinstance(failure, sched.Deadlock)
    assert [wait.task for wait in failure.waits] == ["victim"]


def test_events_are_delivered_although_a_daemon_waits():
    fired = []

    def program(s):
        queue = sched.WaitQueue(s, "queue")

        async def serve():
            await queue.wait()

        async def worker():
            await s.point("work")

        s.spawn(serve, daemon=True)
        s.spawn(worker)
        s.post(sched.Event("interrupt", lambda: fired.append("!")))

    assert sched.run(program).failure is None
    assert fired == ["!"]


def test_a_daemon_may_block_again_after_everything_else_has_ended():
    def program(s):
        queue = sched.WaitQueue(s, "queue")

        async def serve():
            while True:
                await queue.wait()

        async def worker():
            await s.point("work")
            queue.wake_all()

        s.spawn(serve, daemon=True)
        s.spawn(worker)

    assert sched.run(program).failure is None


def test_a_daemon_may_hold_locks_when_everything_else_has_ended():
    told = []

    class Releases(sched.Watcher):
        def lock_released(self, task, lock):
            told.append(task.name)

    def program(s):
        lock = sched.Mutex(s, "mutex", "lock")
        tree = sched.RwLock(s, "rwsem", "tree")
        queue = sched.WaitQueue(s, "queue")

        async def serve():
            async with tree.write, lock:
                await queue.wait()

        async def worker():
            await s.point("work")

        s.spawn(serve, daemon=True)
        s.spawn(worker)

    assert sched.run(program, watchers=[Releases()]).failure is None
    assert not told
