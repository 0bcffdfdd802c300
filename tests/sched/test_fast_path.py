"""What a policy promises with quiet() changes nothing but the speed."""

import pytest

from fuzzcopy import sched


class Steps(sched.Watcher):
    def step(self, task, kind, obj, write):
        pass


class Decisions(sched.Watcher):
    def decided(self, task, label, nth, choice, value):
        pass


class Asked(sched.Sparse):
    asked = 0

    def choose(self, enabled, current):
        self.asked += 1
        return super().choose(enabled, current)


def outcome(policy, watchers, *, max_steps=5_000):
    """All that a run leaves behind, from a program that uses a bit of everything."""
    log = []

    def program(s):
        mutexes = [sched.Mutex(s, "mutex", f"m{i}") for i in range(2)]
        tree = sched.RwLock(s, "rwsem", "tree")
        cell = sched.Cell(s, "x", 0)
        arrived = sched.Completion(s, "arrived")

        def fire(name):
            log.append((name, s.steps, s.contested(), s.integer("vector", 3)))

        def interrupt():
            fire("interrupt")
            arrived.complete()

        eviction = sched.Event("evict", lambda: fire("evict"), spontaneous=True)

        async def worker(name, first, second):
            for lap in range(3):
                async with mutexes[first]:
                    log.append((name, lap, await cell.update(lambda value: value + 1)))
                    async with mutexes[second]:
                        log.append((name, "both", s.steps, s.contested()))
                await s.point("work")
                log.append((name, s.integer("fault", 4)))
                if lap == 1:
                    s.post(sched.Event(f"tick {name}", lambda: fire(f"tick {name}")))

        async def reader():
            async with tree.read:
                s.post(sched.Event("interrupt", interrupt))
                await s.point("work")
                s.enable(eviction, False)
                await s.point("work")
                s.enable(eviction, True)
                await arrived.wait()
                log.append("arrived")
            if await mutexes[0].try_acquire():
                log.append("got it")
                mutexes[0].release()

        async def writer():
            async with tree.write:
                log.append(("writer", s.steps))
                await cell.set(0)
            s.spawn(worker, "late", 0, 1)

        s.post(eviction)
        s.spawn(worker, "one", 0, 1)
        s.spawn(worker, "two", 1, 0)
        s.spawn(reader)
        s.spawn(writer)

    done = sched.run(program, policy, watchers=watchers, max_steps=max_steps)
    return str(done.failure), done.steps, done.contested(), log


MAKERS = {
    "policy": lambda seed: sched.Policy(),
    "sparse": lambda seed: sched.Sparse(
        {seed % 5: 1, seed % 17: 1 + seed % 3, 3 + seed % 41: 2}, {seed % 4: 1, 2: seed % 3}
    ),
    "random walk": sched.RandomWalk,
    "pct 1": lambda seed: sched.Pct(seed, depth=1, steps=40),
    "pct 2": lambda seed: sched.Pct(seed, depth=2, steps=40),
    "pct 4": lambda seed: sched.Pct(seed, depth=4, steps=40),
}


@pytest.mark.parametrize("name", MAKERS)
def test_a_watched_run_and_an_unwatched_one_are_the_same(name):
    make = MAKERS[name]
    outcomes = set()
    for seed in range(60):
        watched = outcome(make(seed), [Steps()])
        assert outcome(make(seed), []) == watched
        assert outcome(make(seed), [Decisions()]) == watched
        outcomes.add(str(watched))
    assert len(outcomes) == 1 if name == "policy" else len(outcomes) > 10


@pytest.mark.parametrize("name", MAKERS)
def test_they_are_the_same_in_the_fair_phase_too(name):
    make = MAKERS[name]
    for seed in range(40):
        assert outcome(make(seed), [], max_steps=9) == outcome(make(seed), [Steps()], max_steps=9)


def long_program(s):
    async def worker():
        for _ in range(500):
            await s.point("work")

    s.spawn(worker)
    s.spawn(worker)


def test_a_map_with_two_switches_is_asked_a_handful_of_times():
    policy = Asked({100: 1, 300: 1})
    done = sched.run(long_program, policy)
    assert done.steps == 1_000
    assert 3 <= policy.asked < 12


def test_watching_steps_asks_at_every_point():
    policy = Asked({100: 1, 300: 1})
    done = sched.run(long_program, policy, watchers=[Steps()])
    assert done.steps == 1_000
    assert policy.asked > 500


@pytest.mark.parametrize(("watcher", "labels"), [(Steps, {}), (Decisions, {"work": 500, "end": 1})])
def test_labels_are_counted_only_for_who_looks_at_decisions(watcher, labels):
    done = sched.run(long_program, sched.Policy(), watchers=[watcher()])
    assert done.tasks[1].counts == labels


def test_a_change_of_the_choices_ends_the_quiet():
    fired = []

    class Eager(sched.Policy):
        def choose(self, enabled, current):
            return len(enabled) - 1 if isinstance(enabled[-1], sched.Event) else 0

        def quiet(self):
            return 1 << 30

    def program(s):
        async def worker():
            for step in range(100):
                await s.point("work")
                if step == 50:
                    s.post(sched.Event("interrupt", lambda: fired.append(s.steps)))

        s.spawn(worker)
        s.spawn(worker)

    sched.run(program, Eager())
    assert fired[0] == 52
