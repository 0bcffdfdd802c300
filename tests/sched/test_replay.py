"""A recorded schedule leads to the same run again."""

import pytest

from fuzzcopy import sched


class Trace(sched.Watcher):
    def __init__(self):
        self.seen = []

    def step(self, task, kind, obj, write):
        self.seen.append((task.name, kind, str(obj), write))

    def event_fired(self, event):
        self.seen.append(("event", event.name))

    def lock_taken(self, task, lock, shared, tried):
        self.seen.append(("taken", task.name, lock.name, shared, tried))


def locks(s):
    mutexes = [sched.Mutex(s, "mutex", f"m{i}") for i in range(3)]
    tree = sched.RwLock(s, "rwsem", "tree")
    cell = sched.Cell(s, "x", 0)

    async def worker(first, second):
        async with mutexes[first]:
            await cell.update(lambda value: value + 1)
            async with mutexes[second], tree.read:
                await s.point("work")
        if await mutexes[second].try_acquire():
            mutexes[second].release()

    async def writer():
        async with tree.write:
            await cell.set(0)

    s.spawn(worker, 0, 1, name="one")
    s.spawn(worker, 1, 2, name="two")
    s.spawn(worker, 2, 0, name="three")
    s.spawn(writer, name="writer")


def hardware(s):
    """Faults and evictions; an I/O that takes over a lock and an interrupt that draws."""
    page = sched.Mutex(s, "page", "page")
    cell = sched.Cell(s, "x", 0)

    def evict():
        if s.integer("victim", 3) == 2:
            s.withdraw(eviction)

    eviction = sched.Event("evict", evict, spontaneous=True, lasting=True)
    s.post(eviction)

    async def reader():
        for number in range(2):
            if not await page.try_acquire():
                continue
            if s.integer("fault", 2):
                page.release()
                continue
            read = sched.Event(f"read {number}", lambda: None)
            read.fire = lambda read=read: page.release_from(read)
            page.give_to(read)
            s.post(read)
            await s.point("submitted")
        await cell.get()

    async def writer():
        while s.integer("again", 3):
            await cell.set(s.integer("value", 10))
        await s.point("done")

    async def interrupted():
        arrived = sched.Completion(s, "arrived")
        await cell.get()
        s.post(sched.Event("interrupt", lambda: (s.integer("vector", 4), arrived.complete())))
        for _ in range(3):
            await s.point("work")

    s.spawn(reader, name="reader")
    s.spawn(writer, name="writer")
    s.spawn(interrupted, name="interrupted")


def crashing(s):
    cell = sched.Cell(s, "x", 0)

    async def worker():
        before = await cell.get()
        await cell.set(before + 1)
        assert await cell.get() == before + 1

    s.spawn(worker)
    s.spawn(worker)


def nested(s):
    async def child(name):
        await s.point("work", name)
        await s.point("work", name)

    async def parent():
        for index in range(2):
            await s.point("fork")
            s.spawn(child, f"{s.current}.{index}", name=f"{s.current}.{index}")

    s.spawn(parent, name="p")
    s.spawn(parent, name="q")


def awaited(s):
    """Everybody waits for an I/O: the tasks are blocked, and only an event can go on."""
    arrived = sched.Completion(s, "arrived")

    async def waiter():
        await arrived.wait()
        await s.point("work")

    async def starter():
        await s.point("start")
        s.post(sched.Event("interrupt", arrived.complete))
        await arrived.wait()

    s.spawn(waiter, name="waiter")
    s.spawn(starter, name="starter")


PROGRAMS = [locks, hardware, crashing, nested, awaited]


def policies(seed):
    yield sched.RandomWalk(seed)
    yield sched.Pct(seed, depth=1 + seed % 4, steps=12)
    yield sched.Sparse({seed % 9: 1, seed % 7: 2, 5: 1}, {seed % 4: 1})


def record(program, policy):
    recorder, trace = sched.Recorder(), Trace()
    done = sched.run(program, policy, watchers=[recorder, trace])
    return recorder.deviations, trace.seen, str(done.failure)


def follow(program, deviations, *, skip_missing=False):
    replay, trace = sched.Replay(deviations, skip_missing=skip_missing), Trace()
    done = sched.run(program, replay, watchers=[trace])
    return replay, trace.seen, str(done.failure)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_the_recorded_deviations_lead_to_the_same_trace(program):
    traces = set()
    for seed in range(40):
        for policy in policies(seed):
            deviations, seen, failure = record(program, policy)
            replay, again, same = follow(program, deviations)
            assert again == seen
            assert same == failure
            assert replay.followed == len(deviations)
            assert replay.missed is None
            traces.add(tuple(seen))
    assert len(traces) > 5


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_replaying_without_a_watcher_is_the_same_too(program):
    for seed in range(30):
        deviations, _, failure = record(program, sched.RandomWalk(seed))
        replay = sched.Replay(deviations)
        assert str(sched.run(program, replay).failure) == failure
        assert replay.missed is None


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_recording_a_replay_gives_the_deviations_back(program):
    for seed in range(30):
        deviations, *_ = record(program, sched.RandomWalk(seed))
        again, *_ = record(program, sched.Replay(deviations))
        assert again == deviations


def test_the_default_schedule_has_no_deviations():
    for program in PROGRAMS:
        assert record(program, sched.Policy())[0] == []


def test_the_same_program_replayed_twice_by_one_policy():
    deviations, seen, _ = record(hardware, sched.RandomWalk(3))
    replay = sched.Replay(deviations)
    for _ in range(2):
        trace = Trace()
        sched.run(hardware, replay, watchers=[trace])
        assert trace.seen == seen
        assert replay.followed == len(deviations)


def test_an_event_chosen_after_the_default_one_is_not_taken_for_the_first():
    def program(s):
        queue = sched.WaitQueue(s, "queue")

        async def waiter():
            await queue.wait()
            await s.point("work")

        s.spawn(waiter)
        s.post(sched.Event("first", queue.wake_all))
        s.post(sched.Event("second", lambda: None))

    for seed in range(40):
        deviations, seen, _ = record(program, sched.RandomWalk(seed))
        assert follow(program, deviations)[1] == seen


def test_a_livelock_is_followed_to_its_end():
    def program(s):
        async def spinner():
            while True:
                await s.point("spin")

        s.spawn(spinner)
        s.spawn(spinner)

    recorder = sched.Recorder()
    done = sched.run(program, sched.RandomWalk(1), watchers=[recorder], max_steps=50)
    assert isinstance(done.failure, sched.Livelock)
    replay = sched.Replay(recorder.deviations)
    assert str(sched.run(program, replay, max_steps=50).failure) == str(done.failure)
    assert replay.missed is None


def labels_by(s):
    async def worker():
        await s.point("a")
        await s.point("b")
        await s.point("a")

    s.spawn(worker, name="one")
    s.spawn(worker, name="two")


def order_of(deviations, *, skip_missing=False):
    replay, seen, _ = follow(labels_by, deviations, skip_missing=skip_missing)
    return replay, " ".join(f"{task[0]}{kind}" for task, kind, *_ in seen)


def test_a_deviation_is_anchored_at_the_nth_time_of_a_label():
    _, order = order_of([sched.Deviation("one", "a", 2, "two")])
    assert order == "oa ob ta tb ta oa"


def test_a_label_with_an_object_is_its_own_label():
    seen = []

    def program(s):
        async def worker():
            for obj in "xyx":
                await s.point("write", obj)
                seen.append(obj)

        async def other():
            seen.append("other")

        s.spawn(worker, name="one")
        s.spawn(other, name="two")

    sched.run(program, sched.Replay([sched.Deviation("one", "write x", 2, "two")]))
    assert seen == ["x", "y", "other", "x"]


def test_a_label_that_no_longer_exists_is_missed_and_the_rest_is_default():
    gone = sched.Deviation("one", "gone", 1, "two")
    later = sched.Deviation("one", "b", 1, "two")
    replay, order = order_of([gone, later])
    assert order == "oa ob oa ta tb ta"
    assert replay.followed == 0
    assert replay.missed == gone


def test_what_comes_before_the_missing_one_is_followed():
    first = sched.Deviation("one", "a", 1, "two")
    gone = sched.Deviation("one", "gone", 1, "two")
    replay, order = order_of([first, gone])
    assert order == "ta tb ta oa ob oa"
    assert replay.followed == 1
    assert replay.missed == gone


def test_a_choice_that_is_impossible_at_its_place_is_missed():
    impossible = sched.Deviation("one", "a", 1, "nobody")
    replay, order = order_of([impossible, sched.Deviation("one", "b", 1, "two")])
    assert order == "oa ob oa ta tb ta"
    assert replay.missed == impossible


def test_skipping_passes_over_a_choice_that_is_impossible_at_its_place():
    replay, order = order_of(
        [sched.Deviation("one", "a", 1, "nobody"), sched.Deviation("one", "b", 1, "two")],
        skip_missing=True,
    )
    assert order == "oa ta tb ta ob oa"
    assert replay.missed is None


def test_skipping_goes_on_with_the_next_choice_at_the_same_place():
    _, order = order_of(
        [sched.Deviation("one", "a", 1, "nobody"), sched.Deviation("one", "a", 1, "two")],
        skip_missing=True,
    )
    assert order == "ta tb ta oa ob oa"


def test_skipping_also_passes_over_a_place_where_nothing_can_be_chosen():
    fired = []

    def program(s):
        async def worker():
            await s.point("a")
            s.post(sched.Event("interrupt", lambda: fired.append("interrupt")))
            await s.point("b")
            fired.append("b")

        s.spawn(worker, name="one")

    deviations = [
        sched.Deviation("one", "a", 1, "two"),
        sched.Deviation("one", "b", 1, "interrupt"),
    ]
    sched.run(program, sched.Replay(deviations, skip_missing=True))
    assert fired == ["interrupt", "b"]


def test_integers_are_recorded_with_their_value_and_replayed():
    drawn = []

    def program(s):
        async def worker():
            drawn.append(s.integer("fault", 5))
            drawn.append(s.integer("fault", 5))

        s.spawn(worker, name="one")

    deviations, *_ = record(program, sched.Sparse({}, {1: 3}))
    assert deviations == [sched.Deviation("one", "fault", 2, value=3)]
    drawn.clear()
    follow(program, deviations)
    assert drawn == [0, 3]


def test_a_value_too_large_for_the_changed_code_is_reduced():
    drawn = []

    def program(s):
        async def worker():
            drawn.append(s.integer("fault", 3))

        s.spawn(worker, name="one")

    follow(program, [sched.Deviation("one", "fault", 1, value=5)])
    assert drawn == [2]


def test_two_tasks_cannot_share_a_name_because_schedules_go_by_names():
    def program(s):
        async def worker():
            await s.point("work")

        s.spawn(worker, name="twin")
        s.spawn(worker, name="twin")

    with pytest.raises(ValueError, match="twin"):
        sched.run(program)
