"""Interrupts: between instructions only, later if disabled; acknowledged once taken."""

import pytest

from fuzzcopy.machine import MachineWatcher, pattern, send_ipi
from fuzzcopy.sched import Deadlock, Mutex

from .silicon import PAGE, At, run

STORED = pattern(9, 4)


class Order(MachineWatcher):
    """Accesses and interrupts in their order."""

    def __init__(self):
        self.seen = []

    def user_written(self, cpu, address, cells, via):
        self.seen.append(f"{cpu} stores")

    def ipi_taken(self, cpu, sender):
        self.seen.append(f"{cpu} interrupted by {sender}")


async def interrupts(m):
    """CPU 1 interrupts CPU 0 and waits for the acknowledgement."""
    await send_ipi(m.scheduler, m.other, [m.cpu], lambda target: None).wait()


@pytest.mark.parametrize(
    "where", ["user.write frame0", "pte.walk mm0:0x1", "pte.set_dirty mm0:0x1"]
)
def test_an_interrupt_is_not_taken_inside_an_instruction(where):
    order = Order()
    acked = []

    async def stores(m):
        assert await m.mmu.store(m.cpu, PAGE, STORED)
        order.seen.append(f"acknowledged: {bool(acked)}")

    async def sends(m):
        await interrupts(m)
        acked.append(True)

    # CPU 1 runs, sends and waits in the middle of CPU 0's store.
    policy = At(("cpu0", where, "cpu1"))
    run(stores, sends, setup=lambda m: m.map(1), policy=policy, watchers=[order])
    assert order.seen[0] == "cpu0 stores"
    assert order.seen[1] == "acknowledged: False"


def test_an_acknowledgement_means_that_no_access_through_the_old_entry_is_under_way():
    order = Order()

    async def stores(m):
        for _ in range(3):
            await m.mmu.store(m.cpu, PAGE, STORED)

    async def shoots(m):
        await m.table.clear(1)
        acks = send_ipi(m.scheduler, m.other, [m.cpu], lambda cpu: cpu.tlb.flush(m.table, [1]))
        await acks.wait()
        order.seen.append("flushed")

    for number in range(1, 4):
        order.seen.clear()
        switches = [("cpu0", "user.write frame0", "cpu0")] * (number - 1)
        policy = At(*switches, ("cpu0", "user.write frame0", "cpu1"))
        run(stores, shoots, setup=lambda m: m.map(1), policy=policy, watchers=[order])
        assert "cpu0 stores" not in order.seen[order.seen.index("flushed") :]


def test_a_cpu_between_instructions_is_interrupted_at_once():
    order = Order()

    async def stores(m):
        assert await m.mmu.store(m.cpu, PAGE, STORED)

    policy = At(
        ("cpu0", "tlb.lookup tlb of cpu0", "cpu1"),
        ("cpu1", "wait ipi acks for cpu1", "ipi cpu1->cpu0"),
    )
    run(stores, interrupts, setup=lambda m: m.map(1), policy=policy, watchers=[order])
    assert order.seen == ["cpu0 interrupted by cpu1", "cpu0 stores"]


def test_disabled_interrupts_delay_an_interrupt():
    order = Order()

    async def program(m):
        m.cpu.disable_interrupts()
        await m.scheduler.point("critical")
        await m.scheduler.point("section")
        order.seen.append("enables")
        m.cpu.enable_interrupts()
        await m.scheduler.point("after")

    policy = At(("cpu0", "critical", "cpu1"))
    run(program, interrupts, policy=policy, watchers=[order])
    assert order.seen == ["enables", "cpu0 interrupted by cpu1"]


def test_a_cpu_whose_program_sleeps_takes_interrupts():
    order = Order()

    async def sleeps(m):
        m.lock = Mutex(m.scheduler, "page", "p")
        await m.lock.acquire()
        await m.scheduler.point("asleep soon")
        m.lock.release()

    async def also(m):
        await interrupts(m)

    run(sleeps, also, policy=At(("cpu0", "asleep soon", "cpu1")), watchers=[order])
    assert order.seen == ["cpu0 interrupted by cpu1"]


def test_a_cpu_whose_program_has_ended_takes_interrupts():
    order = Order()

    async def nothing(m):
        pass

    run(nothing, interrupts, watchers=[order])
    assert order.seen == ["cpu0 interrupted by cpu1"]


def test_two_cpus_with_interrupts_off_that_interrupt_each_other_wait_for_ever():
    def sends_to(index):
        async def program(m):
            m.cpus[1 - index].disable_interrupts()
            await m.scheduler.point("send")
            await send_ipi(
                m.scheduler, m.cpus[1 - index], [m.cpus[index]], lambda target: None
            ).wait()
            m.cpus[1 - index].enable_interrupts()

        return program

    policy = At(("cpu0", "send", "cpu1"))
    with pytest.raises(Deadlock) as caught:
        run(sends_to(1), sends_to(0), policy=policy)
    assert caught.value.cycle


def test_nobody_to_interrupt_is_nobody_to_wait_for():
    async def program(m):
        await send_ipi(m.scheduler, m.cpu, [], lambda target: None).wait()

    run(program)
