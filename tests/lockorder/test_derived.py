"""The order in use, read off a graph, and its pictures."""

from fuzzcopy.lockorder import Dependency, Hold, OrderGraph, Witness
from fuzzcopy.lockorder.derived import against, order, steps
from fuzzcopy.lockorder.drawing import dot, mermaid
from fuzzcopy.scenario import CpuSpec, Fsync, Scenario
from fuzzcopy.sched import Policy

WITNESS = Witness(Scenario((CpuSpec((Fsync(0),)),)), Policy(), 0, 0)


def graph_of(*chains):
    graph = OrderGraph()
    for chain in chains:
        *holds, wanted = [Hold(kind, "f0") for kind in chain.split()]
        for hold in holds:
            graph.took(hold, WITNESS)
        graph.add(Dependency(tuple(holds), wanted, "takes", WITNESS))
    return graph


STRAIGHT = graph_of("inode page", "inode page rmap", "page journal", "page io")
CROOKED = graph_of("page mmap", "mmap inode", "mmap inode page")


def test_the_order_is_topological_with_waits_last():
    assert order(STRAIGHT) == ["inode", "page", "rmap", "journal", "io"]


def test_a_step_is_what_was_taken_right_after_what():
    assert [(step.held, step.wanted) for step in steps(STRAIGHT)] == [
        ("inode", "page"),
        ("page", "rmap"),
        ("page", "journal"),
        ("page", "io"),
    ]
    assert steps(STRAIGHT)[0].operations == ("fsync",)


def test_a_cycle_has_an_order_all_the_same():
    assert sorted(order(CROOKED)) == ["inode", "mmap", "page"]


def test_what_is_against_the_documented_order_is_named_once():
    assert against(STRAIGHT) == []
    pairs = [(edge.hold.kind, edge.wanted.kind) for edge in against(CROOKED)]
    assert pairs == [("page", "mmap"), ("mmap", "inode")]


def test_pictures_mark_what_is_in_a_cycle():
    assert mermaid(STRAIGHT).splitlines()[:3] == [
        "flowchart TD",
        "    inode[inode lock]",
        "    page[page lock]",
    ]
    assert "linkStyle" in mermaid(CROOKED)
    assert "linkStyle" not in mermaid(STRAIGHT)
    assert '"page" -> "mmap" [color=red];' in dot(CROOKED)
    assert '"io" [label="I/O completion", style=rounded];' in dot(STRAIGHT)
