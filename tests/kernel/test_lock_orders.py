"""Paths that take their locks in the order that the scenario asks for."""

from itertools import permutations

import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st
from msgspec import UNSET
from msgspec.structs import replace

from fuzzcopy import Kernel
from fuzzcopy.oracles import ALL, LockOrderTracker
from fuzzcopy.runner import execute, find_failure, run
from fuzzcopy.scenario import (
    PATHS,
    CpuSpec,
    FileSpec,
    Fork,
    Fsync,
    Load,
    MappingSpec,
    Orders,
    Punch,
    Reclaim,
    Scenario,
    ScenarioError,
    Segment,
    SpaceSpec,
    Truncate,
    Write,
    decode,
    encode,
)
from fuzzcopy.scenario.codec import check
from fuzzcopy.scenario.orders import impossible
from fuzzcopy.sched import Sparse, drive
from fuzzcopy.strategies import lock_orders, scenarios
from fuzzcopy.world import Plan

# Nothing of what is written from is ever missing: no page fault needs what the write holds.
PROGRAMS = {
    "write": Write(0, 4, (Segment(1, 0, 24),)),
    "fault": Load(0, 0, 1),
    "truncate": Truncate(0, 4),
    "punch": Punch(0, 0, 2),
    "writeback": Fsync(0),
    "reclaim": Reclaim(0, 0),
}


def swaps(path):
    """The documented order of a path with two neighbours swapped; those that are possible."""
    documented = PATHS[path]
    for at in range(len(documented) - 1):
        outer, inner = documented[at : at + 2]
        order = (*documented[:at], inner, outer, *documented[at + 2 :])
        if not impossible(path, order):
            yield path, order, outer, inner


SWAPS = [swap for path in PATHS for swap in swaps(path)]


def scenario(path, order=None, *, state="clean"):
    return Scenario(
        cpus=(CpuSpec((PROGRAMS[path], Load(0, 0, 1))),),
        files=(FileSpec(32, (state, "clean")),),
        spaces=(
            SpaceSpec((MappingSpec(0, 2, 0, shared=True), MappingSpec(1, 2))),
            SpaceSpec((MappingSpec(0, 2, 0, shared=True),)),
        ),
        orders=Orders(**{path: order}) if order and order != PATHS[path] else UNSET,
    )


def run_tracked(one):
    """The scheduler after a run, and the pairs of classes that were taken one under the other."""
    tracker = LockOrderTracker()

    async def once(driver):
        return await execute(driver, Kernel, Plan(one), Sparse({}), oracles=[*ALL, lambda: tracker])

    scheduler = drive(once)
    return scheduler, {(edge.hold.kind, edge.wanted.kind) for edge in tracker.graph.edges()}


STATES = {"writeback": "dirty", "fault": "absent"}
TRIED = ("reclaim", "page")  # such a lock is not waited for
NOT_NEEDED = ("write", "mmap")  # all of the buffer is there


@pytest.mark.parametrize(("path", "order", "outer", "inner"), SWAPS)
def test_locks_are_taken_in_the_order_asked_for_and_let_go(path, order, outer, inner):
    scheduler, taken = run_tracked(scenario(path, order, state=STATES.get(path, "clean")))
    if inner == "ptl" and path != "reclaim":
        assert scheduler.failure.kind == "sleep in atomic context"
        return
    assert scheduler.failure is None
    assert not any(lock.locked for lock in scheduler.locks)
    if (path, outer) not in (TRIED, NOT_NEEDED) and (path, inner) != NOT_NEEDED:
        assert (inner, outer) in taken


@pytest.mark.parametrize("path", PATHS)
def test_the_last_order_of_all_does_the_same(path):
    *_, last = (o for o in permutations(PATHS[path]) if not impossible(path, o))
    outcome = run(Kernel, scenario(path, last))
    assert outcome.kind in (None, "sleep in atomic context")


def test_a_write_that_faults_with_the_page_locked_hangs_as_in_2002():
    mapped = replace(
        scenario("write", ("inode", "page", "mmap", "fs"), state="absent"),
        cpus=(CpuSpec((Write(0, 0, (Segment(0, 0, 16),)),)),),
    )
    assert run(Kernel, replace(mapped, orders=UNSET)).verdict is None
    assert str(run(Kernel, mapped).verdict) == (
        "cpu0 waits for page lock f0:0, which it holds itself"
    )


@pytest.mark.parametrize(
    ("arrangement", "hangs"), [("ascending", 0), ("descending", 0), ("given", 1)]
)
def test_forks_crosswise_hang_unless_they_agree_on_an_order(arrangement, hangs):
    crosswise = Scenario(
        cpus=(CpuSpec((Fork(1),)), CpuSpec((Fork(0),), space=1)),
        spaces=(SpaceSpec(), SpaceSpec()),
        orders=Orders(fork=arrangement) or UNSET,
    )
    found = find_failure(Kernel, crosswise, [Sparse({at: 1}) for at in range(8)])
    assert (found is not None) == hangs
    if hangs:
        assert "mmap lock" in str(found.failure)


def test_the_documented_order_is_not_in_the_file():
    assert b"orders" not in encode(scenario("write"))
    reordered = scenario("punch", ("invalidate", "inode", "page", "rmap", "ptl"))
    data = encode(reordered)
    assert decode(data) == reordered
    assert data.count(b'"orders":{"punch":["invalidate","inode","page","rmap","ptl"]}') == 1


@pytest.mark.parametrize(
    ("orders", "message"),
    [
        (Orders(), "left out"),
        (Orders(write=("inode", "page")), "must be inode, mmap, fs, page in some order"),
        (Orders(write=("inode", "page", "page", "fs")), "must be inode, mmap, fs, page"),
        (Orders(fault=("invalidate", "mmap", "fs", "page", "ptl")), "found under the mmap lock"),
        (Orders(reclaim=("ptl", "page", "rmap")), "found under the file's reverse-map lock"),
    ],
)
def test_impossible_orders_are_refused(orders, message):
    with pytest.raises(ScenarioError, match=message):
        check(replace(scenario("write"), orders=orders))


@settings(max_examples=50)
@given(scenarios(orders=True))
def test_drawn_orders_are_possible(drawn):
    check(drawn)
    assert decode(encode(drawn)) == drawn


def test_other_orders_are_drawn():
    assert find(lock_orders(paths=2), lambda drawn: len(drawn.changed()) == 2)


@settings(max_examples=20)
@given(st.data())
def test_orders_are_drawn_only_if_asked_for(data):
    assert data.draw(scenarios()).orders is UNSET
