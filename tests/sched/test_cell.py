"""A shared variable: every access is a preemption point."""

from fuzzcopy import sched


def totals_of(increment):
    totals = set()
    for seed in range(200):
        cells = []

        def program(s, cells=cells):
            cell = sched.Cell(s, "counter", 0)
            cells.append(cell)
            s.spawn(increment, cell)
            s.spawn(increment, cell)

        assert sched.run(program, sched.RandomWalk(seed)).failure is None
        totals.add(cells[0].peek())
    return totals


def test_reading_and_writing_in_two_steps_loses_updates():
    async def increment(cell):
        await cell.set(await cell.get() + 1)

    assert totals_of(increment) == {1, 2}


def test_updating_in_one_step_loses_none():
    async def increment(cell):
        await cell.update(lambda value: value + 1)

    assert totals_of(increment) == {2}


def test_an_update_returns_the_value_before():
    def program(s):
        cell = sched.Cell(s, "counter", 3)

        async def worker():
            assert await cell.update(lambda value: value * 2) == 3
            assert await cell.get() == 6
            assert str(cell) == "counter"

        s.spawn(worker)

    assert sched.run(program).failure is None


def test_the_footprint_tells_reads_from_writes():
    told = []

    class Steps(sched.Watcher):
        def step(self, task, kind, obj, write):
            told.append((kind, obj.name, write))

    def program(s):
        cell = sched.Cell(s, "x", 0)

        async def worker():
            await cell.get()
            await cell.set(1)
            await cell.update(abs)

        s.spawn(worker)

    sched.run(program, watchers=[Steps()])
    assert told == [("get", "x", False), ("set", "x", True), ("update", "x", True)]


def test_the_access_happens_after_its_point():
    seen = []

    def program(s):
        cell = sched.Cell(s, "x", "old")

        async def reader():
            seen.append(await cell.get())

        async def writer():
            await cell.set("new")

        s.spawn(reader)
        s.spawn(writer)

    sched.run(program, sched.Sparse({1: 1}))
    assert seen == ["new"]


def test_a_write_takes_effect_only_when_its_task_is_chosen_again():
    seen = []

    def program(s):
        cell = sched.Cell(s, "x", "old")

        async def writer():
            await cell.set("new")

        async def reader():
            seen.append(await cell.get())

        s.spawn(writer)
        s.spawn(reader)

    sched.run(program, sched.Sparse({1: 1}))
    assert seen == ["old"]


def test_peeking_is_no_access_of_the_program():
    def program(s):
        cell = sched.Cell(s, "x", 0)

        async def worker():
            assert cell.peek() == 0

        s.spawn(worker)

    done = sched.run(program)
    assert done.failure is None
    assert done.steps == 0
