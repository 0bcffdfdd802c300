"""The disk: I/O completes as an event, and the data moves then."""

from fuzzcopy.machine import ZERO, pattern
from fuzzcopy.sched import Completion

from .silicon import PAGE, run

BLOCK = ("f0", 0)


def frame_of(m, origin):
    frame = m.memory.take()
    frame.cells[:] = pattern(origin, PAGE)
    return frame


def test_a_read_moves_the_data_when_it_completes_not_when_it_is_submitted():
    async def program(m):
        frame = frame_of(m, 2)
        m.disk.blocks[BLOCK] = pattern(3, PAGE)
        done = Completion(m.scheduler, "read")
        m.disk.read(BLOCK, frame, done.complete)
        assert frame.cells == pattern(2, PAGE)
        m.disk.blocks[BLOCK] = pattern(4, PAGE)
        await done.wait()
        assert frame.cells == pattern(4, PAGE)

    run(program)


def test_a_write_moves_the_data_when_it_completes_not_when_it_is_submitted():
    async def program(m):
        frame = frame_of(m, 2)
        done = Completion(m.scheduler, "write")
        m.disk.write(BLOCK, frame, done.complete)
        await m.memory.write(m.cpu, frame, 0, [ZERO])
        assert m.disk.content(BLOCK) == [ZERO] * PAGE
        await done.wait()
        assert m.disk.content(BLOCK) == [ZERO, *pattern(2, PAGE)[1:]]
        await m.memory.write(m.cpu, frame, 1, [ZERO])
        assert m.disk.content(BLOCK)[1] != ZERO

    run(program)


def test_what_nobody_waits_for_is_still_written():
    async def program(m):
        m.disk.write(BLOCK, frame_of(m, 2), lambda: None)

    assert run(program).disk.content(BLOCK) == pattern(2, PAGE)


def test_a_block_that_is_not_there_is_a_hole_and_so_is_a_discarded_one():
    async def program(m):
        assert m.disk.content(BLOCK) == [ZERO] * PAGE
        m.disk.blocks[BLOCK] = pattern(3, PAGE)
        await m.disk.discard(BLOCK)
        assert m.disk.content(BLOCK) == [ZERO] * PAGE
        frame = frame_of(m, 2)
        done = Completion(m.scheduler, "read")
        m.disk.read(BLOCK, frame, done.complete)
        await done.wait()
        assert frame.cells == [ZERO] * PAGE

    run(program)
