"""Charging: what is charged, to whom, and that it adds up to the table."""

import pytest

from fuzzcopy import Kernel
from fuzzcopy.cost import Bill, Call, Costs, Meter, Workload, measure
from fuzzcopy.designs import designs
from fuzzcopy.runner import run
from fuzzcopy.scenario import (
    CpuSpec,
    FileSpec,
    Load,
    MachineSpec,
    MappingSpec,
    Operation,
    Punch,
    Read,
    Scenario,
    Segment,
    SpaceSpec,
    Write,
)
from fuzzcopy.sched import Bus
from fuzzcopy.world import WorldWatcher

COSTS = Costs()


def bills(*program: Operation, cold_tables: bool = False) -> list[Bill]:
    scenario = Scenario(
        cpus=(CpuSpec(program),),
        files=(FileSpec(4096 * 3, ("clean", "absent", "clean")),),
        spaces=(SpaceSpec((MappingSpec(0, 2), MappingSpec(1, 2, present=False))),),
        machine=MachineSpec(page_size=4096, chunk=4096, frames=48),
    )
    meter = Meter(COSTS, cold_tables=cold_tables)
    run(Kernel, scenario, watchers=[meter]).raise_verdict()
    return meter.bills


def test_a_minor_fault_costs_what_the_table_says_with_all_that_it_does() -> None:
    fault, again = bills(Load(1, 0, 1), Load(1, 0, 1))
    assert fault.faults == 1
    assert fault.by["fault"] == pytest.approx(COSTS.minor_fault)
    # Besides: two walks, before and after it, and the load itself.
    rest = 2 * COSTS.walk_cached + COSTS.copy_hot / 2 / 4096
    assert fault.total == pytest.approx(COSTS.minor_fault + rest)
    assert again.total == pytest.approx(COSTS.copy_hot / 2 / 4096)


def test_cold_page_tables_cost_more_per_walk() -> None:
    [warm] = bills(Load(0, 0, 1))
    [cold] = bills(Load(0, 0, 1), cold_tables=True)
    assert warm.by["walk"] == COSTS.walk_cached
    assert cold.by["walk"] == COSTS.walk_cold


def test_a_copy_of_a_page_costs_what_the_table_says_from_either_side() -> None:
    for operation in (Read(0, 0, (Segment(0, 0, 4096),)), Write(0, 0, (Segment(0, 0, 4096),))):
        _, bill = bills(Load(0, 0, 1), operation)
        assert bill.by["copy"] == pytest.approx(COSTS.copy_hot)
        assert bill.slow == 0


def test_what_the_disk_has_just_brought_is_cold_once() -> None:
    _, first, second = bills(
        Load(0, 0, 1), Read(0, 4096, (Segment(0, 0, 4096),)), Read(0, 4096, (Segment(0, 0, 4096),))
    )
    assert first.disk_reads == 1
    assert first.by["copy"] == pytest.approx(COSTS.copy_cold)
    assert second.disk_reads == 0
    assert second.by["copy"] == pytest.approx(COSTS.copy_hot)


def test_a_failed_copy_is_charged_its_exception_and_starts_the_slow_path() -> None:
    bill = measure(Kernel, Workload("write", pages=1, mapped=0), COSTS)
    assert (bill.failed, bill.faults) == (1, 1)
    assert bill.by["fault"] == pytest.approx(COSTS.exception + COSTS.minor_fault)
    assert bill.slow > bill.by["fault"]
    assert bill.fast < bill.slow


def test_zeroing_in_a_call_is_charged() -> None:
    bill = measure(designs()["take-on-failure"], Workload("write", pages=1, mapped=0), COSTS)
    assert bill.by["zeroing"] == pytest.approx(COSTS.copy_hot / 2)
    assert bill.faults == 0


def test_who_is_interrupted_is_charged_too() -> None:
    bill = measure(designs()["walk-and-flip"], Workload("read", pages=1, mapped=1, cpus=4), COSTS)
    assert bill.interrupts == 3
    assert bill.others == pytest.approx(3 * (COSTS.interrupt + COSTS.invlpg))
    assert bill.by["interrupts"] == pytest.approx(COSTS.shootdown + 3 * COSTS.shootdown_per_cpu)
    assert bill.by["flush"] == COSTS.invlpg


@pytest.mark.parametrize("call", ["read", "write"])
def test_the_actions_add_up(call: Call) -> None:
    for kernel in (Kernel, *designs().values()):
        for workload in (Workload(call, pages=2, mapped=1, cpus=2), Workload(call, cached=False)):
            bill = measure(kernel, workload, COSTS)
            assert sum(bill.by.values()) == pytest.approx(bill.own)
            assert bill.total == pytest.approx(bill.fast + bill.slow + bill.others)


def test_only_system_calls_enter_the_kernel() -> None:
    load, punch = bills(Load(0, 0, 1), Punch(0, 2, 1))
    assert "bookkeeping" not in load.by
    assert punch.by["bookkeeping"] > COSTS.syscall


def test_a_run_that_nobody_meters_has_no_meter_on_its_bus() -> None:
    quiet = Bus([], vocabulary=WorldWatcher)
    metered = Bus([Meter(COSTS)], vocabulary=WorldWatcher)
    assert quiet.page_faulted == quiet.memory_read == quiet.step == ()
    assert len(metered.page_faulted) == 1
