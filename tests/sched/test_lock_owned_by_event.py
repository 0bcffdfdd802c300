"""A submitted I/O takes over a lock and lets go of it when it completes."""

import pytest

from fuzzcopy import sched


def reads_a_page(waits, *, policy=None, watchers=(), posted=True):
    def program(s):
        page = sched.Mutex(s, "page", "page")

        async def reader():
            await page.acquire()
            read = sched.Event("read", lambda: page.release_from(read))
            page.give_to(read)
            assert page.held_by(read)
            assert not page.held_by(s.current)
            if posted:
                s.post(read)
            await waits(s, page)

        s.spawn(reader, name="reader")

    return sched.run(program, policy, watchers=watchers)


async def for_the_page(s, page):
    async with page:
        assert page.held_by(s.current)


def test_waiting_for_ones_own_io_is_no_deadlock():
    assert reads_a_page(for_the_page).failure is None


def test_an_io_that_was_never_submitted_is_one():
    failure = reads_a_page(for_the_page, posted=False).failure
    assert isinstance(failure, sched.Deadlock)
    assert not failure.cycle
    assert [(wait.task, wait.holder) for wait in failure.waits] == [("reader", "")]


def test_the_former_owner_may_end_before_its_io():
    async def not_at_all(s, page):
        pass

    assert reads_a_page(not_at_all).failure is None


def test_the_giver_can_no_longer_release():
    async def not_at_all(s, page):
        with pytest.raises(RuntimeError, match="reader releases page"):
            page.release()

    assert reads_a_page(not_at_all).failure is None


def test_another_task_waits_for_the_io_and_not_for_its_submitter():
    order = []

    def program(s):
        page = sched.Mutex(s, "page", "page")

        async def submitter():
            await page.acquire()
            read = sched.Event("read", lambda: (order.append("read"), page.release_from(read)))
            page.give_to(read)
            await s.point("submit")
            s.post(read)

        async def user():
            async with page:
                order.append("user")

        s.spawn(submitter)
        s.spawn(user)

    assert sched.run(program, sched.Sparse({2: 1})).failure is None
    assert order == ["read", "user"]


def test_watchers_are_told_of_both_changes_of_hands():
    told = []

    class Locks(sched.Watcher):
        def lock_taken(self, task, lock, shared, tried):
            told.append(("taken", str(task)))

        def lock_released(self, task, lock):
            told.append(("released", str(task)))

        def event_fired(self, event):
            told.append(("fired", str(event)))

    reads_a_page(for_the_page, watchers=[Locks()])
    assert told == [
        ("taken", "reader"),
        ("released", "reader"),
        ("fired", "read"),
        ("released", "read"),
        ("taken", "reader"),
        ("released", "reader"),
    ]


def test_an_event_cannot_release_what_it_does_not_own():
    def program(s):
        page = sched.Mutex(s, "page", "page")

        async def worker():
            async with page:
                with pytest.raises(RuntimeError, match="read releases page"):
                    page.release_from(sched.Event("read", lambda: None))
                assert page.held_by(s.current)

        s.spawn(worker)

    assert sched.run(program).failure is None
