"""A run that was stopped ends where it is: every program, wherever it is parked."""

import gc
import time
import weakref

import pytest
import trio

from fuzzcopy import sched


def stopped_beside(other):
    """How a run of ``other`` ends beside a task that fails at its second point."""

    def program(s):
        async def fails():
            await s.point("work")
            await s.point("work")
            raise AssertionError("stop")

        s.spawn(other, s)
        s.spawn(fails, name="fails")

    return str(sched.run(program, sched.Turns()).failure)


def test_what_is_open_is_closed():
    closed = []

    async def other(s):
        try:
            while True:
                await s.point("work")
        finally:
            closed.append("other")

    assert stopped_beside(other).startswith("fails: AssertionError: stop")
    assert closed == ["other"]


def test_an_except_exception_does_not_keep_it():
    async def other(s):
        while True:
            try:
                await s.point("work")
            except Exception:
                pytest.fail("this is not the program's affair")

    assert "stop" in stopped_beside(other)


def test_a_shield_of_the_program_does_not_keep_it():
    async def other(s):
        with trio.CancelScope(shield=True):
            while True:
                await s.point("work")

    assert "stop" in stopped_beside(other)


@pytest.mark.parametrize("seconds", [0, 3_600])
def test_cleaning_up_may_not_wait_for_anything(seconds):
    async def other(s):
        try:
            while True:
                await s.point("work")
        finally:
            await trio.sleep(seconds)

    began = time.monotonic()
    assert "stop" in stopped_beside(other)
    assert time.monotonic() - began < 60


async def serve(s):
    """A daemon whose cleaning up waits for trio."""
    try:
        await sched.WaitQueue(s, "queue").wait()
    finally:
        await trio.sleep(3_600)


def test_nor_may_that_of_a_daemon_and_nobody_is_told():
    def program(s):
        s.spawn(serve, s, daemon=True)
        s.spawn(s.point, "work")

    assert sched.run(program).failure is None


def test_an_event_that_fails_after_such_a_daemon_is_the_verdict():
    def fails():
        raise sched.Crash("late")

    def program(s):
        s.spawn(serve, s, daemon=True)
        s.spawn(s.point, "work")
        s.post(sched.Event("late", fails))

    assert str(sched.run(program).failure) == "late"


def test_who_swallows_it_does_not_let_others_wait():
    async def swallows(s):
        try:
            while True:
                await s.point("work")
        except BaseException:
            return

    async def waits(s):
        try:
            while True:
                await s.point("work")
        finally:
            await trio.sleep(3_600)

    def program(s):
        async def fails():
            await s.point("work")
            await s.point("work")
            raise AssertionError("stop")

        for other in (swallows, waits, swallows, swallows):
            s.spawn(other, s)
        s.spawn(fails, name="fails")

    for _ in range(5):  # trio may take them in either order
        assert "stop" in str(sched.run(program, sched.Turns()).failure)


def test_a_run_after_it_is_like_any_other():
    async def spins(s):
        while True:
            await s.point("work")

    def stops(s):
        s.spawn(spins, s)
        s.spawn(spins, s)

    def ends(s):
        for _ in range(3):
            s.spawn(s.point, "work")

    async def both(driver):
        ended = []
        for setup in (stops, ends, stops, ends):
            scheduler = sched.Scheduler(sched.RandomWalk(1), max_steps=100)
            setup(scheduler)
            await driver.run(scheduler)
            ended.append(scheduler.failure)
        return ended

    first, second, third, fourth = sched.drive(both)
    assert isinstance(first, sched.Livelock)
    assert isinstance(third, sched.Livelock)
    assert second is fourth is None


def test_nothing_of_it_is_left_for_the_garbage_collector():
    class Big:
        pass

    held = []

    async def other(s):
        mine = Big()
        held.append(weakref.ref(mine))
        while True:
            await s.point("work")

    def program(s):
        async def blocks():
            lock = sched.Mutex(s, "mutex", "lock")
            await lock.acquire()
            await lock.acquire()

        s.spawn(other, s)
        s.spawn(other, s)
        s.spawn(blocks)

    gc.collect()
    gc.disable()
    try:
        scheduler = sched.run(program, sched.Turns())
        assert isinstance(scheduler.failure, sched.Deadlock)
        scheduler.dispose()
        assert [ref() for ref in held] == [None, None]
    finally:
        gc.enable()


@pytest.mark.parametrize("tasks", range(1, 4))
def test_tasks_that_follow_each_other_share_a_trio_task(tasks):
    used = []

    def program(s):
        async def notes():
            used.append(trio.lowlevel.current_task())
            await s.point("work")

        for _ in range(tasks):
            s.spawn(notes)

    assert sched.run(program).failure is None
    assert len(used) == tasks
    assert len(set(used)) == 1


@pytest.mark.parametrize("daemon", [False, True])
def test_who_is_taken_down_without_the_baton_is_not_blamed_for_how_it_cleans_up(daemon):
    def program(s):
        async def tidy():
            mutex = sched.Mutex(s, "mutex", "a")
            await mutex.acquire()
            try:
                await sched.WaitQueue(s, "queue").wait()
            finally:
                mutex.release()

        async def waits():
            await sched.WaitQueue(s, "other").wait()

        s.spawn(tidy, daemon=True)
        s.spawn(waits, daemon=daemon)

    failure = sched.run(program).failure
    assert failure is None if daemon else isinstance(failure, sched.Deadlock)


def test_a_nursery_of_trio_around_a_daemon_is_no_failure():
    def program(s):
        async def serve():
            async with trio.open_nursery():
                await sched.WaitQueue(s, "queue").wait()

        s.spawn(serve, daemon=True)
        s.spawn(s.point, "work")

    assert sched.run(program).failure is None


@pytest.mark.parametrize("first", range(8))  # where in a switch there is no room any more
@pytest.mark.parametrize("beside", ["before", "after"])
def test_recursion_without_end_is_a_crash_even_where_the_baton_changes_hands(beside, first):
    async def deep(s, depth):
        if depth >= first:
            await s.point("work")
        await deep(s, depth + 1)

    async def spins(s):
        while True:
            await s.point("work")

    def program(s):
        if beside == "before":
            s.spawn(spins, s)
        s.spawn(deep, s, 0, name="deep")
        if beside == "after":
            s.spawn(spins, s)

    failure = sched.run(program, sched.Turns()).failure
    assert isinstance(failure, sched.Crash)
    assert "deep: RecursionError" in str(failure)


def how_deep():
    """How often a program can call itself before there is no room on the stack."""
    depth = 0

    async def deep():
        nonlocal depth
        depth += 1
        await deep()

    assert "RecursionError" in str(sched.run(lambda s: s.spawn(deep)).failure)
    return depth


@pytest.mark.parametrize("room", range(24))  # how many frames are left
def test_a_run_that_is_stopped_deep_in_the_stack_ends(room):
    enough = how_deep() - room

    def program(s):
        async def deep(depth):
            if depth == enough:
                s.fail(sched.Crash("deep down"))
            await deep(depth + 1)

        for name in "abc":
            s.spawn(sched.WaitQueue(s, name).wait)
        s.spawn(deep, 1)

    assert isinstance(sched.run(program).failure, sched.Crash)
