"""Which cycles of the order graph can hang."""

import pytest

from fuzzcopy.lockorder import ANY, Dependency, Hold, OrderGraph, Witness
from fuzzcopy.lockorder.dependency import relation
from fuzzcopy.scenario import CpuSpec, Scenario
from fuzzcopy.sched import Policy

WITNESS = Witness(Scenario((CpuSpec(),)), Policy(), 0, -1)


def lock(text):
    """``page f0:0``, with ``shared`` after it if it is."""
    kind, name, *shared = text.split()
    return Hold(kind, name, bool(shared))


def found(*chains):
    """The cycles of classes in these chains: each wants its last lock holding those before."""
    graph = OrderGraph()
    for chain in chains:
        *holds, wanted = map(lock, chain.split(", "))
        for hold in holds:
            graph.took(hold, WITNESS)
        graph.add(Dependency(tuple(holds), wanted, "takes", WITNESS))
    return [inversion.key for inversion in graph.inversions]


def test_two_orders_contradict_each_other():
    assert found("page f0:0, mmap mm0", "mmap mm0, page f0:0") == [("mmap", "page")]


def test_one_order_does_not():
    assert found("mmap mm0, page f0:0", "mmap mm1, page f1:3", "page f0:0, ptl mm0") == []


def test_the_objects_need_not_be_the_same_ones():
    assert found("page f0:0, mmap mm0", "mmap mm1, page f1:2") == [("mmap", "page")]


def test_a_cycle_of_three():
    chains = ("inode f0, mmap mm0", "mmap mm0, page f0:0", "page f0:0, inode f0")
    assert found(*chains) == [("inode", "mmap", "page")]


def test_a_longer_cycle_over_the_same_classes_says_nothing_new():
    chains = ("a x, b x", "b x, a x", "b x, c x", "c x, a x")
    assert found(*chains) == [("a", "b")]


class TestGates:
    def test_what_a_common_exclusive_lock_serialises_is_no_inversion(self):
        assert found("inode f0, a f0, b f0", "inode f0, b f0, a f0") == []

    def test_a_shared_one_serialises_nothing(self):
        chains = ("inode f0 shared, a f0, b f0", "inode f0 shared, b f0, a f0")
        assert found(*chains) == [("a", "b")]

    def test_one_side_alone_serialises_nothing(self):
        assert found("inode f0, a f0, b f0", "b f0, a f0") == [("a", "b")]

    def test_a_gate_of_the_same_object_counts_whatever_the_object_is(self):
        assert found("inode f0, a f0, b f0", "inode f1, b f1, a f1") == []

    def test_a_gate_of_another_object_could_be_another_one_each_time(self):
        chains = ("inode f0, a mm0, b mm0", "inode f1, b mm0, a mm0")
        assert found(*chains) == [("a", "b")]

    def test_it_is_looked_at_again_when_a_second_gate_of_the_class_appears(self):
        chains = ("inode f0, a mm0, b mm0", "inode f0, b mm0, a mm0")
        assert found(*chains) == []
        assert found(*chains, "inode f1, c mm0") == [("a", "b")]

    def test_the_lock_of_a_part_is_no_gate(self):
        chains = ("page f0:0, a f0, b f0", "page f0:0, b f0, a f0")
        assert found(*chains) == [("a", "b")]


class TestModes:
    def test_shared_against_shared_waits_only_for_a_queued_writer(self):
        graph = OrderGraph()
        for holds, wanted in (("a x shared", "b x"), ("b x", "a x shared")):
            graph.add(Dependency((lock(holds),), lock(wanted), "takes", WITNESS))
        [inversion] = graph.inversions
        assert inversion.needs_writer == ("a",)
        assert inversion.chains()[-1] == "they hang once a writer is queued for the a lock"

    def test_a_read_recursion_counts(self):
        assert found("mmap mm0 shared, mmap mm0 shared") == [("mmap",)]


class TestOneClass:
    def test_ascending_is_the_rule(self):
        assert found("page f0:2, page f0:10", "page f0:0, page f0:1") == []

    def test_up_and_down_contradict_each_other(self):
        assert found("page f0:2, page f0:10", "page f1:5, page f1:3") == [("page",)]

    def test_a_parent_before_its_child(self):
        assert found("inode f0, inode f0:1", "inode f0:1, inode f0:1:7") == []
        assert found("inode f0, inode f0:1", "inode f0:1, inode f0") == [("inode",)]

    def test_it_may_be_any(self):
        assert found("page f0:2, page *") == [("page",)]

    @pytest.mark.parametrize(
        ("held", "wanted", "lies"),
        [("f0", "f0", "same"), ("f2", "f10", "up"), ("f1:0", "f0:9", "down"), ("f0", ANY, "any")],
    )
    def test_relations(self, held, wanted, lies):
        assert relation(held, wanted) == lies
