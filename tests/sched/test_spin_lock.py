"""A lock that is waited for without sleeping."""

from fuzzcopy import sched


def test_wanting_a_spin_lock_is_not_sleeping_and_wanting_a_mutex_is():
    wanted = []

    class Wants(sched.Watcher):
        def lock_wanted(self, task, lock, sleeps):
            wanted.append((lock.name, sleeps))

    def program(s):
        async def worker():
            async with sched.SpinLock(s, "spin", "tree"), sched.Mutex(s, "mutex", "inode"):
                pass

        s.spawn(worker)

    sched.run(program, watchers=[Wants()])
    assert wanted == [("tree", False), ("inode", True)]


def test_two_tasks_are_never_inside_together():
    for seed in range(50):
        inside = []

        def program(s, inside=inside):
            lock = sched.SpinLock(s, "spin", "lock")

            async def worker(name):
                async with lock:
                    inside.append(name)
                    await s.point("work")
                    assert inside == [name]
                    inside.clear()

            s.spawn(worker, "a")
            s.spawn(worker, "b")

        assert sched.run(program, sched.RandomWalk(seed)).failure is None


def test_spinning_for_ever_is_found_as_a_deadlock_and_costs_no_steps():
    def program(s):
        lock = sched.SpinLock(s, "spin", "lock")

        async def worker():
            await lock.acquire()
            await lock.acquire()

        s.spawn(worker)

    done = sched.run(program)
    assert isinstance(done.failure, sched.Deadlock)
    assert done.steps == 2
