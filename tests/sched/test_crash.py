"""An exception that nobody expected."""

import pytest

from fuzzcopy import sched


def crashing(error):
    def program(s):
        async def worker():
            await s.point("work")
            raise error

        async def bystander():
            while True:
                await s.point("work")

        s.spawn(worker, name="worker")
        s.spawn(bystander)

    return sched.run(program)


def test_it_names_the_task_and_carries_the_cause():
    cause = ZeroDivisionError("oh")
    failure = crashing(cause).failure
    assert isinstance(failure, sched.Crash)
    assert failure.__cause__ is cause
    assert str(failure) == "worker: ZeroDivisionError: oh"
    assert failure.kind == "crash"


def test_it_ends_the_run_for_everybody():
    done = crashing(ValueError())
    assert done.stopped
    assert done.steps == 1


def test_a_failed_assertion_is_a_crash():
    assert isinstance(crashing(AssertionError("wrong")).failure, sched.Crash)


@pytest.mark.parametrize("error", [ValueError, sched.Verdict, sched.StepLimit])
def test_what_an_error_says_does_not_steer_a_terminal(error):
    said = str(crashing(error("red \x1b[31m\x07\x9b;\ttwo\nlines\r")).failure)
    assert said.endswith("red \\x1b[31m\\x07\\x9b;\ttwo\nlines\\r")


def test_a_verdict_that_a_program_raises_stays_itself():
    class Torn(sched.Verdict):
        kind = "torn"

    torn = Torn("half a write")
    assert crashing(torn).failure is torn


def test_an_event_that_fails_while_tasks_run_is_a_crash():
    def program(s):
        done = sched.Completion(s, "io")

        def interrupt():
            raise ValueError("bad interrupt")

        async def waiter():
            await done.wait()

        s.spawn(waiter)
        s.post(sched.Event("interrupt", interrupt))

    failure = sched.run(program).failure
    assert isinstance(failure, sched.Crash)
    assert isinstance(failure.__cause__, ValueError)


@pytest.mark.parametrize("error", [ValueError("bad interrupt"), sched.Verdict("torn")])
def test_an_event_that_fails_after_the_last_task_ends_the_run_alike(error):
    def program(s):
        def interrupt():
            raise error

        async def worker():
            await s.point("work")

        s.spawn(worker)
        s.post(sched.Event("interrupt", interrupt))

    failure = sched.run(program).failure
    assert isinstance(failure, sched.Verdict)
    assert error in (failure, failure.__cause__)


def test_an_event_may_end_the_run_with_a_verdict_after_the_last_task():
    def program(s):
        async def worker():
            await s.point("work")

        s.spawn(worker)
        s.post(sched.Event("interrupt", lambda: s.fail(sched.Verdict("torn"))))

    assert str(sched.run(program).failure) == "torn"


def test_an_error_of_the_set_up_is_nobodys_verdict():
    def program(s):
        raise LookupError("no such file")

    with pytest.raises(LookupError, match="no such file"):
        sched.run(program)
