"""Frames: last in, first out, and every byte knows where it came from."""

from fuzzcopy.machine import ZERO, MachineWatcher, Origins, is_garbage, pattern
from fuzzcopy.machine.provenance import value

from .silicon import PAGE, run


def test_the_frame_freed_last_is_allocated_first():
    taken = []

    async def program(m):
        first, second = await m.memory.alloc(), await m.memory.alloc()
        await m.memory.free(second)
        await m.memory.free(first)
        taken.append((await m.memory.alloc()) is first)
        taken.append((await m.memory.alloc()) is second)

    run(program)
    assert taken == [True, True]


def test_there_is_nothing_left_when_all_frames_are_in_use():
    async def program(m):
        assert await m.memory.alloc() is not None
        assert await m.memory.alloc() is None

    run(program, frames=1)


def test_what_memory_held_at_boot_is_garbage():
    async def program(m):
        frame = await m.memory.alloc()
        assert all(is_garbage([cell]) for cell in frame.cells)

    run(program)


def test_a_freed_frame_keeps_its_bytes_and_they_are_garbage_in_its_next_life():
    stored = pattern(5, PAGE)

    async def program(m):
        frame = await m.memory.alloc()
        await m.memory.write(m.cpu, frame, 0, stored)
        await m.memory.free(frame)
        assert frame.free
        assert [value(c) for c in frame.cells] == [value(c) for c in stored]
        again = await m.memory.alloc()
        assert again is frame
        assert not frame.free
        assert [value(c) for c in again.cells] == [value(c) for c in stored]
        assert all(is_garbage([cell]) for cell in again.cells)

    run(program)


def test_what_is_written_is_garbage_no_more_and_the_rest_still_is():
    async def program(m):
        frame = await m.memory.alloc()
        await m.memory.write(m.cpu, frame, 4, [ZERO, ZERO])
        assert [is_garbage([cell]) for cell in frame.cells[3:7]] == [True, False, False, True]

    run(program)


def test_a_garbage_byte_still_says_where_it_came_from():
    origins = Origins()
    number = origins.add("store", "store by cpu0")
    [cell] = pattern(number, 1, start=3)
    assert origins.describe(cell) == "byte 3 of store by cpu0"
    assert origins.describe(cell | 1 << 56) == "byte 3 of store by cpu0 (left over from before)"
    assert origins.of(cell).kind == "store"
    assert origins.describe(ZERO) == "an explicit zero"


def test_no_two_bytes_of_a_pattern_are_alike_and_origins_differ():
    assert len({*pattern(2, 4096), *pattern(3, 4096)}) == 2 * 4096


def test_nothing_is_no_garbage():
    assert not is_garbage([])


def test_an_access_through_a_kernel_pointer_is_announced_as_such():
    class Watch(MachineWatcher):
        def __init__(self):
            self.seen = []

        def memory_read(self, cpu, frame, start, cells, via):
            self.seen.append(("read", start, len(cells), via))

        def memory_written(self, cpu, frame, start, cells, via):
            self.seen.append(("written", start, len(cells), via))

    async def program(m):
        frame = await m.memory.alloc()
        await m.memory.write(m.cpu, frame, 2, [ZERO] * 3)
        await m.memory.read(m.cpu, frame, 1, 5)

    watch = Watch()
    run(program, watchers=[watch])
    assert watch.seen == [("written", 2, 3, "kernel"), ("read", 1, 4, "kernel")]
