"""After a verdict: nobody swallows it, nobody hears of the cleaning up."""

import pytest

from fuzzcopy import sched


class Hears(sched.Watcher):
    def __init__(self):
        self.told = []

    def step(self, task, kind, obj, write):
        self.told.append(("step", str(task)))

    def decided(self, task, label, nth, choice, value):
        self.told.append(("decided", str(task)))

    def touched(self, obj, write):
        self.told.append(("touched", str(obj)))

    def event_fired(self, event):
        self.told.append(("event_fired", str(event)))

    def task_blocked(self, task, resource):
        self.told.append(("task_blocked", str(task)))

    def task_ended(self, task):
        self.told.append(("task_ended", str(task)))

    def lock_wanted(self, task, lock, sleeps):
        self.told.append(("lock_wanted", str(task)))

    def lock_taken(self, task, lock, shared, tried):
        self.told.append(("lock_taken", str(task)))

    def lock_released(self, task, lock):
        self.told.append(("lock_released", str(task)))

    def awaited(self, task, kind, name):
        self.told.append(("awaited", str(task)))

    def sleeping(self, task, resource):
        self.told.append(("sleeping", str(task)))


def test_it_hears_everything_that_there_is_to_hear():
    events = {name for name in dir(sched.Watcher) if not name.startswith("_")}
    assert events <= vars(Hears).keys()


def self_deadlock(s, worker):
    lock = sched.Mutex(s, "mutex", "lock")

    async def relocks():
        await lock.acquire()
        await worker(lock.acquire)

    s.spawn(relocks)


def test_except_exception_does_not_swallow_it():
    def program(s):
        async def stubborn(acquire):
            for _ in range(3):
                try:
                    await acquire()
                except Exception:
                    pytest.fail("a verdict must not look like an error of the program")

        self_deadlock(s, stubborn)

    assert isinstance(sched.run(program).failure, sched.Deadlock)


def test_neither_does_except_base_exception():
    after = []

    def program(s):
        async def stubborn(acquire):
            try:
                await acquire()
            except BaseException:
                after.append("swallowed")
            await s.point("as if nothing had happened")
            after.append("went on")

        self_deadlock(s, stubborn)

    assert isinstance(sched.run(program).failure, sched.Deadlock)
    assert after == ["swallowed"]


def test_a_task_that_swallows_its_own_verdict_gets_no_further_than_the_next_point():
    after = []

    def program(s):
        async def stubborn():
            await s.point("work")
            try:
                s.fail(sched.Verdict("enough"))
            except BaseException:
                after.append("swallowed")
            await s.point("as if nothing had happened")
            after.append("went on")

        async def other():
            await s.point("work")

        s.spawn(stubborn)
        s.spawn(other)

    # A policy that promised to be quiet: the point is on the fast path.
    assert str(sched.run(program, sched.Sparse({})).failure) == "enough"
    assert after == ["swallowed"]


def test_a_stubborn_task_that_ends_does_not_start_the_others_again():
    after = []

    def program(s):
        async def stubborn(acquire):
            try:
                await acquire()
            except BaseException:
                after.append("swallowed")

        async def other():
            after.append("other")
            await s.point("work")

        self_deadlock(s, stubborn)
        s.spawn(other)

    assert isinstance(sched.run(program).failure, sched.Deadlock)
    assert after == ["swallowed"]


def test_the_first_verdict_counts():
    def program(s):
        async def worker():
            try:
                s.fail(sched.Verdict("first"))
            finally:
                s.fail(sched.Verdict("second"))

        s.spawn(worker)

    assert str(sched.run(program).failure) == "first"


def test_an_error_during_the_cleaning_up_does_not_hide_it():
    def program(s):
        async def waiter():
            try:
                await s.point("wait")
                await s.point("wait")
            finally:
                raise KeyError("cleanup")

        async def judge():
            s.fail(sched.Verdict("first"))

        s.spawn(waiter)
        s.spawn(judge)

    assert str(sched.run(program, sched.Sparse({1: 1})).failure) == "first"


def run_with_cleanup(cleanup, policy):
    hears = Hears()
    cleaned = []

    def program(s):
        lock = sched.Mutex(s, "mutex", "lock")
        tree = sched.RwLock(s, "rwsem", "tree")
        taken = sched.Completion(s, "taken")
        queue = sched.WaitQueue(s, "queue")

        async def holder():
            async with tree.read, lock:
                try:
                    taken.complete()
                    while True:
                        await s.point("work")
                finally:
                    cleaned.append("holder")
                    await cleanup(s, lock, queue)

        async def waiter():
            await taken.wait()
            try:
                async with lock:
                    pass
            finally:
                cleaned.append("waiter")
                await cleanup(s, lock, queue)

        async def judge():
            try:
                await taken.wait()
                for _ in range(5):
                    await s.point("work")
                hears.told.append("verdict")
                s.fail(sched.Verdict("enough"))
            finally:
                cleaned.append("judge")
                await cleanup(s, lock, queue)

        s.spawn(holder)
        s.spawn(waiter)
        s.spawn(judge)

    done = sched.run(program, policy, watchers=[hears])
    assert str(done.failure) == "enough"
    assert hears.told[-1] == "verdict"
    return sorted(cleaned)


async def releases(s, lock, queue):
    lock.release()


async def passes_a_point(s, lock, queue):
    await s.point("cleanup")


async def waits(s, lock, queue):
    await queue.wait()


async def wakes(s, lock, queue):
    queue.wake_all()


async def tries(s, lock, queue):
    await lock.try_acquire()


async def takes_another(s, lock, queue):
    async with sched.Mutex(s, "mutex", "another"):
        pass


@pytest.mark.parametrize("cleanup", [releases, passes_a_point, waits, wakes, tries, takes_another])
def test_the_cleaning_up_is_silent(cleanup):
    cleaned = [run_with_cleanup(cleanup, sched.RandomWalk(seed)) for seed in range(30)]
    assert ["holder", "judge", "waiter"] in cleaned


def test_not_even_the_lock_that_the_guilty_task_releases_itself_is_announced():
    hears = Hears()

    def program(s):
        lock = sched.Mutex(s, "mutex", "lock")

        async def guilty():
            await lock.acquire()
            try:
                s.fail(sched.Verdict("enough"))
            finally:
                lock.release()
                assert not lock.locked

        s.spawn(guilty)

    assert str(sched.run(program, watchers=[hears]).failure) == "enough"
    assert [what for what, _ in hears.told] == ["step", "lock_wanted", "lock_taken"]


def test_watchers_after_the_one_that_judged_hear_nothing():
    told = []

    class Judge(sched.Watcher):
        def lock_taken(self, task, lock, shared, tried):
            told.append("judge")
            lock.scheduler.fail(sched.Verdict("not this lock"))

    class Listener(sched.Watcher):
        def lock_released(self, task, lock):
            told.append("listener")

    def program(s):
        lock = sched.Mutex(s, "mutex", "lock")

        async def worker():
            async with lock:
                pass

        s.spawn(worker)

    done = sched.run(program, watchers=[Judge(), Listener()])
    assert str(done.failure) == "not this lock"
    assert told == ["judge"]


def test_pending_events_are_not_delivered_after_a_verdict():
    fired = []

    def program(s):
        async def worker():
            s.fail(sched.Verdict("enough"))

        s.spawn(worker)
        s.post(sched.Event("interrupt", lambda: fired.append("interrupt")))

    sched.run(program)
    assert not fired
