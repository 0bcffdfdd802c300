"""Small random programs: what holds for all of them."""

from collections import Counter

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fuzzcopy import sched

LOCKS = 2

operations = st.lists(
    st.one_of(
        st.tuples(st.just("point"), st.integers(0, 2)),
        st.tuples(st.sampled_from(["get", "set", "update"]), st.integers(0, 1)),
        st.tuples(st.just("try"), st.integers(0, LOCKS - 1)),
        st.tuples(st.just("integer"), st.integers(1, 4)),
    ),
    max_size=2,
)
locks = st.tuples(st.sampled_from(["mutex", "mutex", "read", "write"]), st.integers(0, LOCKS - 1))


def nested(sections):
    """Locks taken one inside the other, with operations before and after each."""
    block = []
    for (kind, which), before, after in sections:
        block = [*before, (kind, which, block), *after]
    return block


programs = st.lists(
    st.lists(st.tuples(locks, operations, operations), min_size=1, max_size=3).map(nested),
    min_size=2,
    max_size=4,
)
policies = st.one_of(
    st.builds(sched.RandomWalk, st.integers(0, 1_000)),
    st.builds(sched.Pct, st.integers(0, 1_000), depth=st.integers(1, 4), steps=st.integers(1, 30)),
    st.builds(
        sched.Sparse,
        st.dictionaries(st.integers(0, 30), st.integers(0, 4), max_size=4),
        st.dictionaries(st.integers(0, 5), st.integers(0, 4), max_size=2),
    ),
)
quick = settings(
    max_examples=70,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)


class Bench:
    """Builds the program, checks mutual exclusion from inside, and keeps a log."""

    def __init__(self, tasks):
        self.tasks = tasks
        self.log = []

    def __call__(self, s):
        self.log.clear()
        self.s = s
        self.mutexes = [sched.Mutex(s, "mutex", f"m{i}") for i in range(LOCKS)]
        self.trees = [sched.RwLock(s, "rwsem", f"t{i}") for i in range(LOCKS)]
        self.cells = [sched.Cell(s, f"x{i}", 0) for i in range(2)]
        self.owner = [None] * LOCKS
        self.readers = [set() for _ in range(LOCKS)]
        self.writer = [None] * LOCKS
        for index, block in enumerate(self.tasks):
            s.spawn(self.task, index, block)

    async def task(self, me, block):
        await self.block(me, block)
        self.log.append((me, "end"))

    async def block(self, me, block):
        for what, which, *inner in block:
            if what in ("mutex", "read", "write"):
                await getattr(self, what)(me, which, *inner)
            else:
                await self.operation(me, what, which)

    async def operation(self, me, what, which):
        match what:
            case "point":
                await self.s.point("work", f"o{which}")
            case "get":
                self.log.append((me, await self.cells[which].get()))
            case "set":
                await self.cells[which].set(me)
            case "update":
                self.log.append((me, await self.cells[which].update(lambda value: value + 1)))
            case "integer":
                drawn = self.s.integer("fault", which)
                assert 0 <= drawn < which
                self.log.append((me, drawn))
            case "try":
                if await self.mutexes[which].try_acquire():
                    assert self.owner[which] is None
                    self.mutexes[which].release()

    async def mutex(self, me, which, inner):
        async with self.mutexes[which]:
            assert self.owner[which] is None
            self.owner[which] = me
            self.log.append((me, "mutex", which))
            await self.block(me, inner)
            assert self.owner[which] == me
            self.owner[which] = None

    async def read(self, me, which, inner):
        async with self.trees[which].read:
            again = me in self.readers[which]
            assert self.writer[which] is None
            self.readers[which].add(me)
            await self.block(me, inner)
            assert self.writer[which] is None
            if not again:
                self.readers[which].remove(me)

    async def write(self, me, which, inner):
        async with self.trees[which].write:
            assert self.writer[which] is None
            assert not self.readers[which]
            self.writer[which] = me
            await self.block(me, inner)
            assert not self.readers[which]
            self.writer[which] = None


class Steps(sched.Watcher):
    def __init__(self):
        self.seen = []

    def step(self, task, kind, obj, write):
        self.seen.append((task.name, kind, str(obj), write))


def held_in_cycle(done):
    """Whether the deadlock that was found is one: every holder named waits, too, or has ended."""
    waits = done.failure.waits
    waiting = {wait.task for wait in waits}
    return all(wait.holder in waiting or wait.ended for wait in waits)


@quick
@given(programs, policies)
def test_locks_exclude_and_a_run_ends_well_or_in_a_deadlock(tasks, policy):
    done = sched.run(Bench(tasks), policy)
    assert done.failure is None or isinstance(done.failure, sched.Deadlock)
    if done.failure is None:
        assert all(task.state is sched.State.DONE for task in done.tasks)
        assert not any(lock.locked for lock in done.locks)
    else:
        assert done.failure.cycle
        assert held_in_cycle(done)


@quick
@given(programs, policies)
def test_the_recorded_schedule_leads_to_the_same_end_by_the_same_way(tasks, policy):
    bench, recorder, steps = Bench(tasks), sched.Recorder(), Steps()
    done = sched.run(bench, policy, watchers=[recorder, steps])
    log = bench.log[:]
    replay, again = sched.Replay(recorder.deviations), Steps()
    repeated = sched.run(bench, replay, watchers=[again])
    assert str(repeated.failure) == str(done.failure)
    assert again.seen == steps.seen
    assert bench.log == log
    assert replay.missed is None


@quick
@given(programs, policies)
def test_watching_changes_nothing(tasks, policy):
    bench = Bench(tasks)
    plain = sched.run(bench, policy)
    log = bench.log[:]
    watched = sched.run(bench, policy, watchers=[Steps()])
    assert str(watched.failure) == str(plain.failure)
    assert (watched.steps, watched.contested()) == (plain.steps, plain.contested())
    assert bench.log == log


@quick
@given(programs, policies)
def test_every_program_is_deterministic(tasks, policy):
    done = sched.run(Bench(tasks), policy, check_determinism=True)
    assert not isinstance(done.failure, sched.Problem)


@quick
@given(programs, policies)
def test_locks_taken_in_one_order_never_deadlock(tasks, policy):
    def in_order(block, above=-1):
        for what, which, *inner in block:
            if not inner:
                yield what, which
            elif which > above:
                yield "mutex", which, list(in_order(*inner, which))
            else:
                yield from in_order(*inner, above)

    assert sched.run(Bench([list(in_order(task)) for task in tasks]), policy).failure is None


def test_many_generated_programs_deadlock_and_many_do_not():
    ends = Counter()

    @settings(quick, max_examples=120)
    @given(programs, policies)
    def collect(tasks, policy):
        ends[type(sched.run(Bench(tasks), policy).failure)] += 1

    collect()
    assert ends.keys() == {type(None), sched.Deadlock}
    assert min(ends.values()) > 20
