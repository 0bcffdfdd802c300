"""Small random programs that use everything exploration has to know of."""

from fuzzcopy import sched


def random_program(roll, finals=None):
    """A program of two or three tasks, some locks, cells, a wait queue and events.

    What every run comes to is added to ``finals`` by the ``on_end`` that is returned beside it.
    """
    tasks = [
        [(roll.randrange(13), roll.randrange(2)) for _ in range(roll.randrange(1, 5))]
        for _ in range(roll.choice([2, 2, 3]))
    ]
    spontaneous = roll.random() < 0.4
    state = {}

    def setup(s):
        cells = [sched.Cell(s, f"c{i}", 0) for i in range(2)]
        mutexes = [sched.Mutex(s, "mutex", f"m{i}") for i in range(2)]
        lock = sched.RwLock(s, "rw", "rw")
        queue = sched.WaitQueue(s, "queue")
        done = sched.Completion(s, "done")
        state.update(cells=cells, log={})

        async def run(me, program):
            log = state["log"].setdefault(me, [])
            held = []
            for number, (what, which) in enumerate(program):
                cell = cells[which]
                match what:
                    case 0 | 1:
                        log.append(await cell.get())
                    case 2 | 3:
                        await cell.set(10 * me + number + 1)
                    case 4:
                        await cell.set(await cell.get() + 1)
                    case 5:
                        await mutexes[which].acquire()
                        held.append(mutexes[which])
                    case 6 if held:
                        held.pop().release()
                    case 7:
                        if await mutexes[which].try_acquire():
                            held.append(mutexes[which])
                    case 8:
                        async with lock.read if which else lock.write:
                            await cell.set(me + 100)
                    case 9:
                        if await cell.get() == 0:
                            await queue.wait()
                    case 10:
                        await cell.set(7)
                        queue.wake_all()
                    case 11:

                        def fire(cell=cell, value=50 + me):
                            s.touch(cell)
                            cell._value = value
                            done.complete()

                        s.post(sched.Event(f"io {me}.{number}", fire))
                    case 12:
                        if which:
                            await done.wait()
                        else:
                            await cell.set(s.integer("whim", 2) + 200)
                            assert await cells[1 - which].get() != 101, "met"
            while held:
                held.pop().release()

        for me, program in enumerate(tasks):
            s.spawn(run, me, program)
        if spontaneous:
            left = [1]

            def whim():
                cells[0]._value += 1000
                s.touch(cells[0])
                left[0] -= 1
                if not left[0]:
                    s.withdraw(event)

            event = s.post(sched.Event("whim", whim, spontaneous=True, lasting=True))

    def on_end(scheduler):
        kind = getattr(scheduler.failure, "kind", None)
        values = None
        if scheduler.failure is None:
            values = (
                tuple(cell.peek() for cell in state["cells"]),
                tuple(sorted((me, tuple(log)) for me, log in state["log"].items())),
            )
        finals.add((kind, values))

    return setup, on_end, tasks
