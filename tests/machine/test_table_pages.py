"""Page-table pages: two loads to an entry, and what happens when the page goes between them."""

from fuzzcopy.machine import SPAN, MachineWatcher

from .silicon import PAGE, At, run


class Walks(MachineWatcher):
    def __init__(self):
        self.seen = []

    def table_walked(self, cpu, page):
        self.seen.append((cpu.name, page.name, page.free))


def test_a_walk_reads_the_directory_and_then_the_page_that_it_named():
    walks = Walks()

    async def program(m):
        assert await m.mmu.load(m.cpu, PAGE, 1)
        assert await m.mmu.load(m.cpu, PAGE, 1)  # from the TLB: no walk
        assert await m.mmu.load(m.cpu, 2 * PAGE, 1) is None
        assert await m.mmu.load(m.cpu, SPAN * PAGE, 1) is None  # no page-table page: no second load

    run(program, setup=lambda m: m.map(1), watchers=[walks])
    assert walks.seen == [("cpu0", "mm0:table0", False)] * 2


def test_an_entry_brings_its_page_table_page_with_it():
    async def program(m):
        entry = m.map(1)
        await m.table.clear(1)
        page = await m.table.detach(0)
        assert list(m.table.pages) == []
        assert m.table.detached == [page]
        await m.table.free(page)
        await m.table.set(1, entry)
        assert m.table.pages[0] is not page
        assert m.table.detached == []

    run(program)


def test_what_is_present_in_a_page_table_page():
    async def program(m):
        for vpn in (SPAN + 3, SPAN, 1):
            m.map(vpn)
        assert await m.table.present(1) == [SPAN, SPAN + 3]
        assert await m.table.detach(2) is None

    run(program)


def test_who_has_read_the_directory_still_walks_the_page_that_was_freed():
    walks = Walks()

    async def walker(m):
        assert await m.mmu.load(m.cpu, PAGE, 1) is None

    async def frees(m):
        await m.table.clear(1)
        await m.table.free(await m.table.detach(0))

    run(
        walker,
        frees,
        setup=lambda m: m.map(1),
        watchers=[walks],
        policy=At(("cpu0", "pte.walk mm0:0x1", "cpu1")),
    )
    assert walks.seen == [("cpu0", "mm0:table0", True)]
