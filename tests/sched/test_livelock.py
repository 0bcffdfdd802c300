"""Beyond the step limit: does the run come to an end, get somewhere, or neither?"""

from itertools import groupby

from fuzzcopy import sched


def drive(program, *, policy=None, max_steps=100, fair_steps=20, watchers=()):
    async def once(driver):
        scheduler = sched.Scheduler(
            policy or sched.Policy(),
            bus=sched.Bus(watchers),
            max_steps=max_steps,
            fair_steps=fair_steps,
        )
        program(scheduler)
        await driver.run(scheduler)
        return scheduler

    return sched.drive(once)


def test_spinning_without_progress_is_a_livelock():
    def program(s):
        async def spinner():
            while True:
                await s.point("spin")

        s.spawn(spinner, name="a")
        s.spawn(spinner, name="b")

    done = drive(program)
    assert isinstance(done.failure, sched.Livelock)
    assert done.failure.kind == "livelock"
    assert "a at spin" in str(done.failure)
    assert "b at spin" in str(done.failure)
    assert done.steps == 120


def test_the_limit_can_be_set_where_plain_programs_are_run():
    def program(s):
        async def spinner():
            while True:
                await s.point("spin")

        s.spawn(spinner)

    assert sched.run(program, max_steps=50).steps == 50 + 1_000


def test_two_polite_tasks_that_always_give_way_are_a_livelock():
    def program(s):
        locks = [sched.Mutex(s, "mutex", name) for name in "ab"]

        async def polite(mine, others):
            while True:
                await locks[mine].acquire()
                if not await locks[others].try_acquire():
                    locks[mine].release()
                    continue
                await s.point("work")
                locks[others].release()
                locks[mine].release()

        s.spawn(polite, 0, 1)
        s.spawn(polite, 1, 0)

    assert isinstance(drive(program).failure, sched.Livelock)


def test_progress_before_the_fair_phase_does_not_count():
    def program(s):
        async def spinner():
            for _ in range(10):
                s.progress()
                await s.point("work")
            while True:
                await s.point("spin")

        s.spawn(spinner)

    done = drive(program)
    assert isinstance(done.failure, sched.Livelock)
    assert done.steps == 120


def test_each_progress_buys_some_more_steps():
    def program(s):
        async def spinner():
            for step in range(1_000):
                await s.point("spin")
                if step == 110:
                    s.progress()

        s.spawn(spinner)

    done = drive(program)
    assert isinstance(done.failure, sched.Livelock)
    assert 111 + 20 <= done.steps <= 112 + 20


def test_a_long_run_that_gets_somewhere_and_ends_is_fine():
    def program(s):
        async def worker():
            for _ in range(500):
                await s.point("work")
                s.progress()

        s.spawn(worker)
        s.spawn(worker)

    done = drive(program)
    assert done.failure is None
    assert done.fair
    assert done.steps == 1_000


def test_a_run_that_gets_somewhere_but_has_no_end_is_undecided():
    def program(s):
        async def worker():
            for _ in range(5_000):
                await s.point("work")
                s.progress()

        s.spawn(worker)

    done = drive(program)
    assert isinstance(done.failure, sched.StepLimit)
    assert not isinstance(done.failure, sched.Verdict)
    assert done.steps <= 100 + 50 * 20


def test_a_run_within_its_limit_never_gets_fair():
    def program(s):
        async def worker():
            for _ in range(99):
                await s.point("work")

        s.spawn(worker)

    done = drive(program)
    assert done.failure is None
    assert not done.fair


def test_the_fair_phase_lets_everybody_run():
    def program(s):
        flags = []

        async def waits():
            while not flags:
                await s.point("spin")

        async def starved():
            flags.append("up")

        s.spawn(waits)
        s.spawn(starved)

    done = drive(program)
    assert done.failure is None
    assert done.fair


def test_the_fair_phase_takes_turns_of_some_steps_each():
    laps = []

    def program(s):
        async def worker(name):
            while len(laps) < 300:
                laps.append(name)
                await s.point("work")
                s.progress()

        for name in "abc":
            s.spawn(worker, name)

    assert drive(program).failure is None
    fair = "".join(laps[101:])
    turns = [len(list(turn)) for _, turn in groupby(fair)]
    assert len(turns) > 5
    assert max(turns) <= 25
    assert all(fair.count(name) >= 40 for name in "abc")


def test_the_fair_phase_delivers_events_and_stops_hazards():
    fired = []

    def program(s):
        arrived = []

        async def spinner():
            while not arrived:
                await s.point("spin")
            assert s.integer("fault", 100) == 0
            for _ in range(3):
                await s.point("work")

        s.spawn(spinner)
        s.post(sched.Event("eviction", lambda: fired.append("eviction"), spontaneous=True))
        s.post(sched.Event("interrupt", lambda: (fired.append("interrupt"), arrived.append(1))))

    class Faulty(sched.Policy):
        def integer(self, label, bound):
            return bound - 1

    done = drive(program, policy=Faulty())
    assert done.failure is None
    assert fired == ["interrupt"]


def test_a_lasting_event_does_not_keep_the_fair_phase_from_its_end():
    fired = []

    def program(s):
        async def spinner():
            while True:
                await s.point("spin")

        def tick():
            fired.append("tick")
            assert len(fired) < 1_000

        s.spawn(spinner)
        s.post(sched.Event("tick", tick, lasting=True))

    assert isinstance(drive(program).failure, sched.Livelock)


def test_a_lock_holder_that_spins_makes_the_waiter_no_deadlock():
    def program(s):
        lock = sched.Mutex(s, "mutex", "lock")

        async def holder():
            async with lock:
                while True:
                    await s.point("spin")

        async def waiter():
            async with lock:
                pass

        s.spawn(holder, name="holder")
        s.spawn(waiter, name="waiter")

    failure = drive(program, fair_steps=200).failure
    assert isinstance(failure, sched.Livelock)
    assert "holder at spin" in str(failure)
    assert "waiter" not in str(failure)
