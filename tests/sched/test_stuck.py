"""The watchdog names code that never reaches a preemption point."""

import linecache
import re
import signal
import time
from contextlib import suppress

import pytest

from fuzzcopy import sched
from fuzzcopy.sched import driver


@pytest.fixture
def _impatient(monkeypatch, ctrl_c_works):
    monkeypatch.setattr(driver._watchdog, "seconds", 0.15)


@pytest.fixture
def barks(monkeypatch):
    """What an impatient watchdog would have barked at; it interrupts nobody here."""
    told = []
    monkeypatch.setattr(driver._watchdog, "seconds", 1.0)
    monkeypatch.setattr(driver._watchdog, "_bark", lambda *watched: told.append(watched))
    return told


def spin():
    # Gives up in the end, so that a watchdog asleep fails a test instead of hanging all.
    end = time.monotonic() + 5
    while time.monotonic() < end:
        pass


@pytest.mark.usefixtures("_impatient")
def test_a_task_that_spins_without_a_point_is_named_with_file_and_line():
    def program(s):
        async def culprit():
            await s.point("work")
            spin()

        async def other():
            await s.point("work")

        s.spawn(culprit, name="culprit")
        s.spawn(other)

    failure = sched.run(program).failure
    assert isinstance(failure, sched.Stuck)
    assert not isinstance(failure, sched.Verdict)
    file, line = re.search(r"at (\S+):(\d+)$", str(failure)).groups()
    assert file == __file__
    assert linecache.getline(file, int(line)).strip() in {
        "while time.monotonic() < end:",
        "pass",
    }
    assert str(failure).startswith("culprit ran for ")


def test_a_long_run_with_points_is_not_stuck(barks):
    def program(s):
        async def worker():
            end = time.monotonic() + 1.8
            while time.monotonic() < end:
                await s.point("work")
                time.sleep(0.01)

        s.spawn(worker)

    assert sched.run(program).failure is None
    assert not barks


def test_many_short_runs_are_not_stuck(barks):
    def program(s):
        async def worker():
            time.sleep(0.05)

        s.spawn(worker)

    sched.run_many(program, [sched.Policy() for _ in range(36)])
    assert not barks


def test_without_a_point_the_same_time_is_too_long(barks):
    def program(s):
        async def worker():
            # The watchdog may be asleep yet for as long as it was patient before this test.
            end = time.monotonic() + 30
            while not barks and time.monotonic() < end:
                time.sleep(0.05)

        s.spawn(worker)

    done = sched.run(program)
    assert done.failure is None
    assert {scheduler for scheduler, _ in barks} == {done}


@pytest.mark.usefixtures("_impatient")
def test_ctrl_c_before_the_watchdog_strikes_is_not_forgotten():
    def program(s):
        async def culprit():
            signal.raise_signal(signal.SIGINT)
            spin()

        s.spawn(culprit)

    with pytest.raises(KeyboardInterrupt):
        sched.run(program)


def test_it_strikes_where_ctrl_c_is_ignored_too(monkeypatch):
    monkeypatch.setattr(driver._watchdog, "seconds", 0.15)
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # as for what a shell starts with &
    try:
        run = sched.run(lambda s: s.spawn(spins_after_a_point, s))
        assert isinstance(run.failure, sched.Stuck)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


async def spins_after_a_point(s):
    await s.point("work")
    signal.raise_signal(signal.SIGINT)  # nobody's: it is ignored
    spin()


@pytest.mark.usefixtures("_impatient")
def test_who_catches_everything_is_named_at_least(capsys):
    async def stubborn(s):
        end = time.monotonic() + 3
        while time.monotonic() < end:
            with suppress(BaseException):
                await s.point("work")
            with suppress(BaseException):
                time.sleep(0.1)

    def program(s):
        async def fails():
            await s.point("work")
            s.fail(sched.Crash("stop"))

        s.spawn(stubborn, s, name="stubborn")
        s.spawn(fails)

    assert isinstance(sched.run(program, sched.Turns()).failure, sched.Stuck)
    said = capsys.readouterr().err
    assert "without a preemption point, at " in said
    assert "it catches what should end it" in said


@pytest.mark.usefixtures("_impatient")
def test_an_event_that_spins_after_the_last_task_is_stuck_too():
    def program(s):
        async def worker():
            await s.point("work")

        s.spawn(worker)
        s.post(sched.Event("interrupt", spin))

    assert isinstance(sched.run(program).failure, sched.Stuck)
