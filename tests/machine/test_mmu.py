"""Lookup, walk, access: what a CPU does with its TLB and the page table."""

import pytest

from fuzzcopy.machine import Entry, MachineWatcher, pattern

from .silicon import PAGE, At, run

STORED = pattern(9, 4)
ADDRESS = PAGE + 4
"""In virtual page 1."""


def mapped(**bits):
    return lambda m: m.map(1, **bits)


def test_what_is_not_mapped_faults():
    async def program(m):
        assert await m.mmu.load(m.cpu, ADDRESS, 4) is None
        assert not await m.mmu.store(m.cpu, ADDRESS, STORED)
        assert m.cpu.tlb.entries == {}

    run(program)


def test_a_load_gives_the_bytes_and_sets_accessed_only():
    async def program(m):
        entry = m.table.entries[1]
        assert await m.mmu.load(m.cpu, ADDRESS, 4) == pattern(2, 4, start=4)
        assert (entry.accessed, entry.dirty) == (True, False)

    run(program, setup=mapped())


def test_a_store_sets_accessed_and_dirty():
    async def program(m):
        entry = m.table.entries[1]
        assert await m.mmu.store(m.cpu, ADDRESS, STORED)
        assert entry.frame.cells[4:8] == STORED
        assert (entry.accessed, entry.dirty) == (True, True)

    run(program, setup=mapped())


def test_a_store_to_a_read_only_page_faults_and_changes_nothing():
    async def program(m):
        entry = m.table.entries[1]
        assert not await m.mmu.store(m.cpu, ADDRESS, STORED)
        assert entry.frame.cells == pattern(2, PAGE)
        assert not entry.dirty

    run(program, setup=mapped(writable=False))


def test_a_store_that_its_tlb_entry_forbids_walks_again():
    async def program(m):
        assert await m.mmu.load(m.cpu, ADDRESS, 4)
        frame = m.table.entries[1].frame
        m.table.install(1, Entry(frame, writable=True))
        assert await m.mmu.store(m.cpu, ADDRESS, STORED)

    run(program, setup=mapped(writable=False))


def test_a_load_through_a_tlb_entry_does_not_look_at_the_page_table():
    async def program(m):
        before = await m.mmu.load(m.cpu, ADDRESS, 4)
        await m.table.clear(1)
        assert await m.mmu.load(m.cpu, ADDRESS, 4) == before

    run(program, setup=mapped())


def test_a_store_through_a_dirty_tlb_entry_does_not_touch_the_page_table():
    async def program(m):
        assert await m.mmu.store(m.cpu, ADDRESS, STORED)
        frame = m.table.entries[1].frame
        fresh = Entry(frame, writable=False)
        m.table.install(1, fresh)
        assert await m.mmu.store(m.cpu, ADDRESS, pattern(10, 4))
        assert frame.cells[4:8] == pattern(10, 4)
        assert not fresh.dirty

    run(program, setup=mapped())


@pytest.mark.parametrize("change", ["gone", "read-only", "another frame"])
def test_setting_dirty_looks_at_the_entry_again_and_faults(change):
    async def program(m):
        assert await m.mmu.load(m.cpu, ADDRESS, 4)
        old = m.table.entries[1]
        if change == "gone":
            await m.table.clear(1)
        elif change == "read-only":
            m.table.install(1, Entry(old.frame, writable=False))
        else:
            m.map(1)
        assert not await m.mmu.store(m.cpu, ADDRESS, STORED)
        assert old.frame.cells == pattern(2, PAGE)
        assert m.cpu.tlb.entries == {}

    run(program, setup=mapped())


def test_setting_dirty_in_an_entry_that_was_replaced_alike_refills_the_tlb():
    async def program(m):
        assert await m.mmu.load(m.cpu, ADDRESS, 4)
        fresh = Entry(m.table.entries[1].frame, writable=True)
        m.table.install(1, fresh)
        assert await m.mmu.store(m.cpu, ADDRESS, STORED)
        assert fresh.dirty
        assert m.cpu.tlb.entries["mm0", 1].entry is fresh

    run(program, setup=mapped())


def test_an_entry_that_is_already_dirty_fills_the_tlb_dirty():
    async def program(m):
        assert await m.mmu.load(m.cpu, ADDRESS, 4)
        assert m.cpu.tlb.entries["mm0", 1].dirty

    run(program, setup=mapped(dirty=True))


def test_lookup_and_access_are_two_steps_and_the_access_goes_where_the_lookup_said():
    old = []

    async def stores(m):
        old.append(m.table.entries[1].frame)
        assert await m.mmu.store(m.cpu, ADDRESS, STORED)

    async def remaps(m):
        await m.table.clear(1)
        m.map(1)

    # The store has been looked up and is about to happen when the page goes elsewhere.
    m = run(stores, remaps, setup=mapped(), policy=At(("cpu0", "user.write frame0", "cpu1")))
    assert old[0].cells[4:8] == STORED
    assert m.table.entries[1].frame.cells == pattern(2, PAGE)


def test_a_load_that_was_looked_up_sees_a_store_that_comes_before_its_access():
    loaded = []

    async def loads(m):
        loaded.append(await m.mmu.load(m.cpu, ADDRESS, 4))

    async def stores(m):
        assert await m.mmu.store(m.other, ADDRESS, STORED)

    run(loads, stores, setup=mapped(), policy=At(("cpu0", "user.read frame0", "cpu1")))
    assert loaded == [STORED]


def test_tlbs_are_tagged_by_address_space_and_one_per_cpu():
    async def program(m):
        assert await m.mmu.load(m.cpu, ADDRESS, 4)
        assert list(m.cpu.tlb.entries) == [("mm0", 1)]
        assert m.other.tlb.entries == {}

    run(program, setup=mapped())


def test_a_flush_forgets_the_pages_it_names():
    async def program(m):
        for vpn in (1, 2):
            assert await m.mmu.load(m.cpu, vpn * PAGE, 4)
        m.cpu.tlb.flush(m.table, [1])
        assert list(m.cpu.tlb.entries) == [("mm0", 2)]

    run(program, setup=lambda m: [m.map(1), m.map(2)])


def test_a_poisoned_chunk_faults_and_its_neighbour_does_not():
    async def program(m):
        m.mmu.poison("mm0", PAGE + 8)
        assert await m.mmu.load(m.cpu, PAGE, 8)
        assert await m.mmu.load(m.cpu, PAGE + 8, 8) is None
        assert not await m.mmu.store(m.cpu, PAGE + 12, STORED)
        assert m.mmu.is_poisoned(m.table, PAGE + 15)
        assert not m.mmu.is_poisoned(m.table, PAGE + 7)

    run(program, setup=mapped())


def test_a_user_access_is_announced_with_its_address_and_translation():
    class Watch(MachineWatcher):
        def __init__(self):
            self.seen = []

        def user_read(self, cpu, address, cells, via):
            self.seen.append(("read", address, len(cells), via.frame.index))

        def user_written(self, cpu, address, cells, via):
            self.seen.append(("written", address, len(cells), via.frame.index))

    async def program(m):
        await m.mmu.load(m.cpu, ADDRESS, 4)
        await m.mmu.store(m.cpu, ADDRESS, STORED)

    watch = Watch()
    run(program, setup=mapped(), watchers=[watch])
    assert watch.seen == [("read", ADDRESS, 4, 0), ("written", ADDRESS, 4, 0)]
