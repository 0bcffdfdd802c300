"""Awaiting what the scheduler does not control is named with file and line."""

import asyncio
import linecache
import re
import subprocess
import sys

import pytest
import trio

from fuzzcopy import sched


def awaited_by(program, policy=None):
    """The source line that the run's problem names."""
    failure = sched.run(program, policy).failure
    assert isinstance(failure, sched.ForeignAwait)
    assert not isinstance(failure, sched.Verdict)
    file, line = re.search(r"at (\S+):(\d+);", str(failure)).groups()
    assert file == __file__
    assert str(failure).startswith("culprit ")
    return linecache.getline(file, int(line)).strip()


@pytest.mark.parametrize("seconds", [0, 0.001, 3_600])
def test_sleeping_is_foreign_however_short(seconds):
    def program(s):
        async def culprit():
            await trio.sleep(seconds)

        s.spawn(culprit, name="culprit")

    assert awaited_by(program) == "await trio.sleep(seconds)"


def test_a_turn_of_a_loop_that_is_not_there():
    def program(s):
        async def culprit():
            await asyncio.sleep(0)

        s.spawn(culprit, name="culprit")

    assert awaited_by(program) == "await asyncio.sleep(0)"


def test_an_event_that_never_comes():
    def program(s):
        event = trio.Event()

        async def culprit():
            await event.wait()

        s.spawn(culprit, name="culprit")

    assert awaited_by(program) == "await event.wait()"


def test_a_free_lock_of_trio():
    def program(s):
        lock = trio.Lock()

        async def culprit():
            await lock.acquire()

        s.spawn(culprit, name="culprit")

    assert awaited_by(program) == "await lock.acquire()"


def test_the_innermost_line_of_the_program_is_named():
    async def helper():
        await trio.sleep(1)

    def program(s):
        async def culprit():
            await s.point("work")
            await helper()

        s.spawn(culprit, name="culprit")

    assert awaited_by(program) == "await trio.sleep(1)"


def test_inside_a_lock_of_ours():
    def program(s):
        lock = sched.Mutex(s, "mutex", "lock")

        async def culprit():
            async with lock:
                await trio.sleep(1)

        s.spawn(culprit, name="culprit")

    assert awaited_by(program) == "await trio.sleep(1)"


def test_under_a_cancel_scope_of_the_program():
    def program(s):
        async def culprit():
            with trio.move_on_after(1):
                await trio.sleep_forever()

        s.spawn(culprit, name="culprit")

    assert awaited_by(program) == "await trio.sleep_forever()"


@pytest.mark.parametrize("seed", range(10))
def test_it_is_found_whoever_else_runs_and_waits(seed):
    def program(s):
        lock = sched.Mutex(s, "mutex", "lock")

        async def worker():
            while True:
                async with lock:
                    await s.point("work")

        async def culprit():
            async with lock:
                await s.point("work")
            await trio.sleep(1)

        s.spawn(worker)
        s.spawn(worker)
        s.spawn(culprit, name="culprit")

    assert awaited_by(program, sched.RandomWalk(seed)) == "await trio.sleep(1)"


def test_the_program_cannot_swallow_it():
    def program(s):
        async def culprit():
            try:
                await trio.sleep(1)
            except Exception:
                pytest.fail("this is not the program's affair")

        s.spawn(culprit, name="culprit")

    assert awaited_by(program) == "await trio.sleep(1)"


def test_parking_for_long_at_our_own_primitives_is_not_foreign():
    def program(s):
        lock = sched.Mutex(s, "mutex", "lock")

        async def worker():
            for _ in range(20):
                async with lock:
                    await s.point("work")

        for _ in range(3):
            s.spawn(worker)

    for done in sched.run_many(program, map(sched.RandomWalk, range(20))):
        assert done.failure is None


def test_runs_after_one_with_a_foreign_await_are_fine():
    def program(s):
        async def worker():
            await s.point("work")
            await others.pop()()

        s.spawn(worker)

    async def nothing():
        pass

    others = [nothing, trio.lowlevel.checkpoint]
    assert isinstance(sched.run(program).failure, sched.ForeignAwait)
    assert sched.run(program).failure is None


def test_the_cleaning_up_after_it_is_silent():
    told = []

    class Releases(sched.Watcher):
        def lock_released(self, task, lock):
            told.append(task.name)

    def program(s):
        lock = sched.Mutex(s, "mutex", "lock")

        async def culprit():
            async with lock:
                await trio.sleep(1)

        s.spawn(culprit)

    sched.run(program, watchers=[Releases()])
    assert not told


BREAKS_TRIO = {
    "a nursery": """
            async with trio.open_nursery() as nursery:
                nursery.start_soon(trio.sleep, 1)
    """,
    "a point on the way out": """
            try:
                await trio.sleep(1)
            finally:
                await s.point("cleanup")
    """,
}


@pytest.mark.parametrize("what", BREAKS_TRIO)
def test_what_the_program_has_open_is_taken_down_in_order(what):
    source = f"""
import trio
from fuzzcopy import sched

def program(s):
        async def other():
            await s.point("work")

        async def culprit():
            {BREAKS_TRIO[what].strip()}

        s.spawn(culprit, name="culprit")
        s.spawn(other)

for seed in range(10):
    print(sched.run(program, sched.RandomWalk(seed)).failure)
"""
    # In a process of its own, for a broken trio is of no use to the tests that follow.
    run = subprocess.run(
        [sys.executable, "-c", source], capture_output=True, text=True, check=False
    )
    assert len(re.findall("^culprit awaits something", run.stdout, re.MULTILINE)) == 10


def cancelled_scope(canceller, policy):
    """How a run ends in which ``culprit`` has points in a scope that ``canceller(scope)`` ends."""

    def program(s):
        scope = trio.CancelScope()

        async def culprit():
            with scope:
                while True:
                    await s.point("work")

        async def other():
            await s.point("step")
            await s.point("step")
            canceller(scope)
            await s.point("step")

        s.spawn(culprit, name="culprit")
        s.spawn(other)

    return sched.run(program, policy, max_steps=50).failure


@pytest.mark.parametrize("seed", range(10))
def test_a_scope_that_another_task_cancels_is_foreign(seed):
    failure = cancelled_scope(trio.CancelScope.cancel, sched.RandomWalk(seed))
    assert isinstance(failure, sched.ForeignAwait)
    assert str(failure).startswith("culprit, at work, was cancelled by a cancel scope of trio")


def test_so_is_one_whose_time_is_over():
    def expire(scope):
        scope.deadline = trio.current_time()

    failure = cancelled_scope(expire, sched.Turns())
    assert isinstance(failure, sched.ForeignAwait)


def test_and_one_that_the_task_itself_has_cancelled():
    def program(s):
        async def culprit():
            with trio.CancelScope() as scope:
                scope.cancel()
                await s.point("work")
                await s.point("work")

        s.spawn(culprit, name="culprit")
        s.spawn(s.point, "step")

    assert isinstance(sched.run(program, sched.Turns()).failure, sched.ForeignAwait)


class EventFirst(sched.Policy):
    """``culprit`` runs, then ``other``, then the event happens, then who has not begun runs."""

    wanted = "culprit", "other", "event", "new"

    def begin(self, scheduler):
        super().begin(scheduler)
        self.left = list(self.wanted)

    def choose(self, enabled, current):
        names = [choice.name for choice in enabled]
        if self.left and self.left[0] in names:
            return names.index(self.left.pop(0))
        return names.index("other") if "other" in names else 0


@pytest.mark.parametrize("where", ["at a point", "where it waits"])
def test_an_event_cancels_a_scope_while_another_task_decides(where):
    def program(s):
        scope = trio.CancelScope()

        async def culprit():
            with scope:
                await sched.WaitQueue(s, "queue").wait()

        async def other():
            s.post(sched.Event("event", scope.cancel))
            if where == "at a point":
                await s.point("step")
            else:
                await sched.WaitQueue(s, "another").wait()
            raise AssertionError("it goes on after the end")

        async def new():
            await s.point("new")

        s.spawn(new, name="new")
        s.spawn(culprit, name="culprit")
        s.spawn(other, name="other")

    failure = sched.run(program, EventFirst()).failure
    assert isinstance(failure, sched.ForeignAwait)
    assert str(failure).startswith("culprit, waiting for queue, was cancelled by")


@pytest.mark.parametrize("seed", range(6))
def test_a_point_in_a_trio_task_of_the_program_s_own(seed):
    def program(s):
        async def culprit():
            async with trio.open_nursery() as nursery:
                nursery.start_soon(s.point, "child")
                await s.point("parent")
                await s.point("parent")

        async def other():
            for _ in range(5):
                await s.point("work")

        s.spawn(culprit, name="culprit")
        s.spawn(other)

    failure = sched.run(program, sched.RandomWalk(seed), max_steps=50).failure
    assert isinstance(failure, sched.ForeignAwait)
