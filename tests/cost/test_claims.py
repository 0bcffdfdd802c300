"""The mail's argument, from accounting: change the table, and what follows changes with it."""

import pytest
from msgspec.structs import replace

from fuzzcopy import Kernel
from fuzzcopy.cost import Bare, Bill, Call, Costs, Workload, measure
from fuzzcopy.designs import designs

COSTS = Costs()
CPUS = (1, 2, 8, 64)


def cost(name: str, workload: Workload, costs: Costs = COSTS) -> Bill:
    kernels = {"reference": Kernel, "bare": Bare, **designs()}
    return measure(kernels[name], workload, costs)


ATOMIC_FIRST = [
    ("reference", "read"),
    ("reference", "write"),
    ("flip-on-failure", "read"),
    ("take-on-failure", "write"),
]
WALK_FIRST = [("walk-and-flip", "read"), ("walk-and-take", "write")]


@pytest.mark.parametrize(("name", "call"), ATOMIC_FIRST)
def test_the_atomic_copy_is_a_test_for_nothing_when_the_page_is_mapped(
    name: str, call: Call
) -> None:
    """ "If it just does the memcpy there is absolutely zero overhead." """
    for cpus in CPUS:
        bill = cost(name, Workload(call, cpus=cpus))
        assert bill.total <= 1.01 * cost("bare", Workload(call, cpus=cpus)).total
        assert (bill.interrupts, bill.faults, bill.failed) == (0, 0, 0)
        assert bill.slow == 0


def test_a_page_that_is_overwritten_is_not_read_in() -> None:
    """ "Real load absolutely needs to not try to get the page up-to-date before the write." """
    absent = Workload("write", cached=False)
    assert cost("reference", absent).disk_reads == 0
    assert cost("take-on-failure", absent).disk_reads == 0
    assert cost("read-before-write", absent).disk_reads == absent.pages


@pytest.mark.parametrize(("name", "call"), WALK_FIRST)
def test_walking_and_replacing_is_dearer_than_the_copy_at_every_number_of_cpus(
    name: str, call: Call
) -> None:
    """ "Replacing a page in virtual memory is absolutely not [fast]." """
    for cpus in CPUS:
        workload = Workload(call, cpus=cpus)
        assert cost(name, workload).total > 2 * cost("bare", workload).total


@pytest.mark.parametrize(("name", "call"), WALK_FIRST)
def test_replacing_a_mapped_page_gets_dearer_with_every_cpu(name: str, call: Call) -> None:
    """ "Especially not on SMP, where [it] implies doing CPU crosscalls." """
    totals = [cost(name, Workload(call, pages=1, mapped=1, cpus=n)).total for n in range(1, 17)]
    assert totals == sorted(set(totals))
    assert cost("reference", Workload(call, cpus=16)).total < totals[0]


def test_the_walk_alone_is_cheaper_than_the_copy_only_if_its_tables_are_cached() -> None:
    """The mail's first reason holds for a cold walk beside a hot copy; a cached walk is cheap."""
    cached = cost("walk-and-flip", Workload("read")).by["walk"]
    cold = cost("walk-and-flip", Workload("read", cold_tables=True)).by["walk"]
    copy = cost("reference", Workload("read")).by["copy"]
    assert cached < copy < cold


@pytest.mark.parametrize(
    ("name", "call"), [("flip-on-failure", "read"), ("take-on-failure", "write")]
)
def test_zero_copy_on_failure_wins_where_the_page_is_not_mapped_and_loses_nowhere(
    name: str, call: Call
) -> None:
    for size in (1024, 2048, 4096, 8192):
        workload = Workload(call, pages=2, mapped=0, size=size)
        clever, plain = cost(name, workload), cost("reference", workload)
        if size < 4096:
            assert clever.total == pytest.approx(plain.total)
        else:
            assert clever.total < plain.total / 2
            assert clever.interrupts == 0


@pytest.mark.parametrize(
    ("name", "call"), [("flip-on-failure", "read"), ("take-on-failure", "write")]
)
def test_what_was_saved_is_paid_after_all_when_the_buffer_is_stored_to(
    name: str, call: Call
) -> None:
    workload = Workload(call, mapped=0, then_store=True)
    assert cost(name, workload).total > cost("reference", workload).total


def test_the_outcome_is_the_table_s_not_ours() -> None:
    """Where a copy is dear enough, or nothing needs a flush, walking first wins."""
    slow_copy = replace(COSTS, copy_hot=5_000)
    workload = Workload("read")
    assert (
        cost("walk-and-flip", workload, slow_copy).total < cost("bare", workload, slow_copy).total
    )
    dear_switch = replace(COSTS, disable_faults=20)
    atomic = cost("reference", Workload("write"), dear_switch).total
    assert atomic > 1.01 * cost("bare", Workload("write"), dear_switch).total
