"""A reader-writer lock whose queued writer blocks later readers."""

import pytest

from fuzzcopy import sched


def test_two_readers_are_inside_together_and_a_writer_is_alone():
    together = set()
    for seed in range(300):
        inside = []

        def program(s, inside=inside):
            lock = sched.RwLock(s, "rwsem", "map")

            async def reader(name):
                async with lock.read:
                    inside.append(name)
                    await s.point("work")
                    together.add("".join(sorted(inside)))
                    inside.remove(name)

            async def writer(name):
                async with lock.write:
                    inside.append(name)
                    await s.point("work")
                    together.add("".join(sorted(inside)))
                    inside.remove(name)

            s.spawn(reader, "r")
            s.spawn(reader, "s")
            s.spawn(writer, "W")
            s.spawn(writer, "X")

        assert sched.run(program, sched.RandomWalk(seed)).failure is None
    assert together == {"r", "s", "rs", "W", "X"}


def orders_behind_a_writer(*names):
    """All orders in which the lock is taken by ``names``, who queue up in that order for it.

    Capital letters write. Where the queue is complete, the default ends and chance begins.
    """
    return {order_behind_a_writer(names, seed) for seed in range(60)}


def order_behind_a_writer(names, seed):
    order = []
    complete = []

    class ThenAtRandom(sched.RandomWalk):
        def choose(self, enabled, current):
            return super().choose(enabled, current) if complete else 0

    def program(s):
        lock = sched.RwLock(s, "rwsem", "map")
        queued = sched.Completion(s, "queued")

        async def first():
            await lock.write.acquire()
            await queued.wait()
            lock.write.release()

        async def queue(name):
            side = lock.write if name.isupper() else lock.read
            await side.acquire()
            order.append(name)
            side.release()

        async def starter():
            complete.append(True)
            queued.complete()

        s.spawn(first)
        for name in names:
            s.spawn(queue, name)
        s.spawn(starter)

    assert sched.run(program, ThenAtRandom(seed)).failure is None
    return "".join(order)


def test_writers_are_served_in_the_order_they_came():
    assert orders_behind_a_writer("W", "X", "Y") == {"WXY"}


def test_readers_and_writers_do_not_overtake_each_other():
    assert orders_behind_a_writer("W", "r", "X") == {"WrX"}
    assert orders_behind_a_writer("r", "W", "s") == {"rWs"}


def test_readers_next_to_each_other_go_in_any_order():
    assert orders_behind_a_writer("r", "s", "W") == {"rsW", "srW"}
    assert orders_behind_a_writer("W", "r", "s") == {"Wrs", "Wsr"}


def test_a_reader_behind_a_queued_writer_waits_although_a_reader_holds_the_lock():
    order = []

    def program(s):
        lock = sched.RwLock(s, "rwsem", "map")
        release = sched.Completion(s, "release")

        async def holder():
            await lock.read.acquire()
            await release.wait()
            order.append("holder out")
            lock.read.release()

        async def writer():
            async with lock.write:
                order.append("writer")

        async def late_reader():
            async with lock.read:
                order.append("late reader")

        async def releaser():
            release.complete()

        s.spawn(holder)
        s.spawn(writer)
        s.spawn(late_reader)
        s.spawn(releaser)

    assert sched.run(program).failure is None
    assert order == ["holder out", "writer", "late reader"]


def test_a_reader_joins_readers_if_no_writer_is_queued():
    got = []

    def program(s):
        lock = sched.RwLock(s, "rwsem", "map")

        async def reader():
            async with lock.read:
                got.append(len(lock.holders))
                await s.point("work")

        s.spawn(reader)
        s.spawn(reader)

    assert sched.run(program, sched.Sparse({2: 1})).failure is None
    assert got == [1, 2]


def test_all_readers_at_the_head_of_the_queue_are_woken_when_the_writer_leaves():
    inside = []

    def program(s):
        lock = sched.RwLock(s, "rwsem", "map")
        both_in = sched.Completion(s, "both in")
        queued = sched.Completion(s, "queued")

        async def writer():
            await lock.write.acquire()
            await queued.wait()
            lock.write.release()

        async def reader(name):
            async with lock.read:
                inside.append(name)
                if len(inside) == 2:
                    both_in.complete()
                # Would never come if they had to go in one after the other.
                await both_in.wait()

        async def starter():
            queued.complete()

        s.spawn(writer)
        s.spawn(reader, "r")
        s.spawn(reader, "s")
        s.spawn(starter)

    assert sched.run(program).failure is None
    assert inside == ["r", "s"]


@pytest.mark.parametrize("seed", range(10))
def test_reading_twice_is_a_deadlock_once_a_writer_comes_between(seed):
    def program(s):
        lock = sched.RwLock(s, "rwsem", "map")
        writer_comes = sched.Completion(s, "writer comes")

        async def reader():
            async with lock.read:
                await writer_comes.wait()
                await s.point("work")
                async with lock.read:
                    pass

        async def writer():
            await s.point("work")
            writer_comes.complete()
            async with lock.write:
                pass

        s.spawn(reader, name="reader")
        s.spawn(writer, name="writer")

    walked = sched.run_many(program, (sched.RandomWalk(100 * seed + i) for i in range(50)))
    failure = walked[-1].failure
    assert isinstance(failure, sched.Deadlock)
    assert failure.cycle
    assert {(wait.task, wait.holder) for wait in failure.waits} == {
        ("reader", "writer"),
        ("writer", "reader"),
    }


def test_reading_twice_is_fine_without_a_writer():
    def program(s):
        lock = sched.RwLock(s, "rwsem", "map")

        async def reader():
            async with lock.read:
                async with lock.read:
                    assert lock.holders.count(s.current) == 2
                    await s.point("work")
                assert lock.held_by(s.current)
            assert not lock.held_by(s.current)

        s.spawn(reader)
        s.spawn(reader)

    for done in sched.run_many(program, map(sched.RandomWalk, range(50))):
        assert done.failure is None


@pytest.mark.parametrize(("held", "wanted"), [("read", "write"), ("write", "read")])
def test_upgrading_is_a_deadlock_with_oneself(held, wanted):
    def program(s):
        lock = sched.RwLock(s, "rwsem", "map")

        async def worker():
            await getattr(lock, held).acquire()
            await getattr(lock, wanted).acquire()

        s.spawn(worker)

    failure = sched.run(program).failure
    assert isinstance(failure, sched.Deadlock)
    assert [(wait.task, wait.holder) for wait in failure.waits] == [("task0", "task0")]


@pytest.mark.parametrize(
    ("held", "tried", "got"),
    [
        ("read", "read", True),
        ("read", "write", False),
        ("write", "read", False),
        ("write", "write", False),
    ],
)
def test_trying_takes_the_lock_only_if_that_needs_no_waiting(held, tried, got):
    results = []

    def program(s):
        lock = sched.RwLock(s, "rwsem", "map")

        async def holder():
            await getattr(lock, held).acquire()
            await s.point("work")

        async def trier():
            results.append(await getattr(lock, tried).try_acquire())
            results.append(lock.held_by(s.current))

        s.spawn(holder)
        s.spawn(trier)

    assert sched.run(program).failure is None
    assert results == [got, got]


def test_trying_to_read_does_not_overtake_a_queued_writer():
    results = []

    def program(s):
        lock = sched.RwLock(s, "rwsem", "map")
        tried = sched.Completion(s, "tried")

        async def holder():
            async with lock.read:
                await tried.wait()

        async def writer():
            async with lock.write:
                pass

        async def trier():
            results.append(await lock.read.try_acquire())
            tried.complete()

        s.spawn(holder)
        s.spawn(writer)
        s.spawn(trier)

    assert sched.run(program).failure is None
    assert results == [False]


def test_watchers_are_told_how_the_lock_is_held():
    told = []

    class Takes(sched.Watcher):
        def lock_taken(self, task, lock, shared, tried):
            told.append((shared, tried))

        def step(self, task, kind, obj, write):
            told.append(task.label)

    def program(s):
        lock = sched.RwLock(s, "mmap", "mm1")

        async def worker():
            async with lock.read:
                pass
            async with lock.write:
                pass
            await lock.read.try_acquire()

        s.spawn(worker)

    sched.run(program, watchers=[Takes()])
    assert told == [
        "mmap.read_lock mm1",
        (True, False),
        "mmap.write_lock mm1",
        (False, False),
        "mmap.trylock mm1",
        (True, True),
    ]


def test_releasing_what_is_not_held_is_a_crash():
    def program(s):
        lock = sched.RwLock(s, "rwsem", "map")

        async def worker():
            lock.read.release()

        s.spawn(worker)

    failure = sched.run(program).failure
    assert isinstance(failure, sched.Crash)
    assert isinstance(failure.__cause__, RuntimeError)
