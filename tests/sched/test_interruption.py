"""Ctrl-C and the like are nobody's verdict: they come out of the run."""

import signal
import sys

import pytest

from fuzzcopy import sched


def test_it_propagates():
    def program(s):
        async def worker():
            await s.point("work")
            raise KeyboardInterrupt

        async def bystander():
            while True:
                await s.point("work")

        s.spawn(worker)
        s.spawn(bystander)

    with pytest.raises(KeyboardInterrupt):
        sched.run(program)


@pytest.mark.parametrize("status", [0, 1])
def test_a_program_that_exits_has_crashed(status):
    def program(s):
        async def worker():
            await s.point("work")
            sys.exit(status)

        s.spawn(worker, name="worker")

    failure = sched.run(program).failure
    assert isinstance(failure, sched.Crash)
    assert str(failure) == f"worker: SystemExit: {status}"


@pytest.mark.usefixtures("ctrl_c_works")
def test_ctrl_c_while_a_program_runs():
    def program(s):
        async def worker():
            await s.point("work")
            signal.raise_signal(signal.SIGINT)
            while True:
                await s.point("work")

        s.spawn(worker)

    with pytest.raises(KeyboardInterrupt):
        sched.run(program)


@pytest.mark.usefixtures("ctrl_c_works")
@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="there is no timer to send it by")
def test_ctrl_c_may_come_at_any_instant():
    def program(s):
        async def worker():
            await s.point("work")
            await s.point("work")

        s.spawn(worker)
        s.spawn(worker)

    def press(number, frame):
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            # Not begun yet. Until then Ctrl-C is Python's affair, which loses it where it comes in
            # a callback of the garbage collector; Hypothesis has one.
            signal.setitimer(signal.ITIMER_REAL, 0.001)
        else:
            signal.raise_signal(signal.SIGINT)

    def run_until_pressed(seconds):
        signal.setitimer(signal.ITIMER_REAL, seconds)
        # Some hundred are made. Not without end: if it is lost, the test shall fail.
        sched.run_many(program, map(sched.RandomWalk, range(50_000)))

    before = signal.signal(signal.SIGALRM, press)
    try:
        for microseconds in range(1_000, 21_000, 100):
            with pytest.raises(KeyboardInterrupt):
                run_until_pressed(microseconds / 1e6)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_the_remaining_runs_are_not_made():
    runs = []

    def program(s):
        async def worker():
            runs.append(s)
            raise KeyboardInterrupt

        s.spawn(worker)

    with pytest.raises(KeyboardInterrupt):
        sched.run_many(program, [sched.Policy(), sched.Policy()])
    assert len(runs) == 1


def test_others_hear_nothing_of_it():
    told = []

    class Releases(sched.Watcher):
        def lock_released(self, task, lock):
            told.append(task.name)

    def program(s):
        lock = sched.Mutex(s, "mutex", "lock")

        async def holder():
            async with lock:
                await s.point("work")
                await s.point("work")

        async def worker():
            raise KeyboardInterrupt

        s.spawn(holder)
        s.spawn(worker)

    with pytest.raises(KeyboardInterrupt):
        sched.run(program, sched.Sparse({2: 1}), watchers=[Releases()])
    assert not told
