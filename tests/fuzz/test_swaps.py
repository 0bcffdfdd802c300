"""What becomes of the reference kernel if one path takes two locks the other way round."""

from itertools import combinations

import pytest

from fuzzcopy import Kernel
from fuzzcopy.bugs import catalogue
from fuzzcopy.fuzz.swaps import decide, fails_as_it_is, swaps
from fuzzcopy.runner import run
from fuzzcopy.scenario import PATHS, Fork, Load, Munmap, Reclaim
from fuzzcopy.scenario.codec import check

SWAPS = {str(swap): swap for swap in swaps()}


def test_every_pair_of_every_path_is_there_once():
    pairs = [(path, *pair) for path, order in PATHS.items() for pair in combinations(order, 2)]
    tried = [(s.path, s.outer, s.inner) for s in SWAPS.values() if s.outer != s.inner]
    assert tried == pairs
    for swap in SWAPS.values():
        assert (swap.orders is None) == bool(swap.reason)
        if swap.orders and swap.outer != swap.inner:
            order = getattr(swap.orders, swap.path)
            assert order.index(swap.inner) < order.index(swap.outer)


FAILING = [
    ("write: page before fs", "deadlock", "page lock f0:0, held by", 2),
    ("write: page before mmap", "deadlock", "page lock f0:0, which it holds itself", 1),
    ("write: mmap before inode", "deadlock", "mmap lock mm0, held by", 3),
    ("fault: ptl before page", "another verdict", "takes the page lock f0:0 holding the ptl", 1),
    ("fork: mmap locks as the call names them", "deadlock", "mmap lock mm1, held by", 2),
]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "fate", "message", "cpus"), FAILING)
def test_a_swap_that_fails_comes_with_its_smallest_scenario(name, fate, message, cpus):
    decided = decide(Kernel, SWAPS[name])
    assert decided.fate == fate
    assert message in str(decided.outcome.verdict)
    assert len(decided.outcome.scenario.cpus) == decided.outcome.scenario.operations == cpus
    check(decided.outcome.scenario)
    again = run(Kernel, decided.outcome.scenario)
    assert again.trace.digest() == decided.outcome.trace.digest()


def test_a_swap_can_be_impossible():
    decided = decide(Kernel, SWAPS["fault: page before mmap"])
    assert decided.fate == "impossible"
    assert "found under the mmap lock" in decided.swap.reason
    assert decided.schedules == 0


@pytest.fixture
def few_operations(monkeypatch):
    some = (Fork(1), Load(0, 0, 1), Munmap(0, 0, 1), Reclaim(0, 0))
    monkeypatch.setattr("fuzzcopy.fuzz.swaps.samples", lambda page_size: some)


@pytest.mark.usefixtures("few_operations")
@pytest.mark.parametrize(
    ("name", "preemptions"), [("fork: mmap locks descending", 1), ("reclaim: rmap before page", 0)]
)
def test_a_swap_that_nobody_contradicts_is_safe(name, preemptions):
    decided = decide(Kernel, SWAPS[name], preemptions=preemptions)
    assert decided.fate == "safe"
    assert decided.schedules > decided.programs > 50
    assert decided.unconfirmed == ()


@pytest.mark.usefixtures("few_operations")
def test_a_swap_that_no_operation_notices_is_not_decided():
    decided = decide(Kernel, SWAPS["punch: page before invalidate"])
    assert decided.fate == "not decided"


@pytest.mark.usefixtures("few_operations")
def test_a_swap_is_not_decided_with_too_few_schedules():
    decided = decide(Kernel, SWAPS["fork: mmap locks descending"], schedules=2)
    assert decided.fate == "not decided"
    assert decided.unfinished > 0


def test_a_kernel_that_hangs_as_it_is_says_nothing_about_swaps():
    assert fails_as_it_is(Kernel) is None
    assert fails_as_it_is(catalogue()["sleeping-copy"]).kind == "deadlock"
