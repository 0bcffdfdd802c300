"""The order that a kernel really uses, read off its graph, beside the documented one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fuzzcopy.lockorder.dependency import Edge
from fuzzcopy.lockorder.documented import DOCUMENTED
from fuzzcopy.lockorder.graph import OrderGraph
from fuzzcopy.scenario import kind_of

WAITS = ("io", "writeback", "ipi", "completion")
"""Classes of waits that are not locks."""


@dataclass(frozen=True, slots=True)
class Step:
    """``wanted`` was taken next after ``held``, in these kinds of operation.

    ``may_fault``: only ever as part of a page fault that did not happen.
    """

    held: str
    wanted: str
    operations: tuple[str, ...]
    may_fault: bool


def steps(graph: OrderGraph) -> list[Step]:
    """What was taken, or waited for, right after what: the graph without what follows from it."""
    seen: dict[tuple[str, str], list[Edge]] = {}
    for edge in graph.edges():
        dependency = edge.dependency
        if dependency.holds[-1] is edge.hold:
            seen.setdefault((edge.hold.kind, edge.wanted.kind), []).append(edge)
    rank = {kind: at for at, kind in enumerate(order(graph))}
    return [
        Step(
            held,
            wanted,
            tuple(sorted({_kind(edge) for edge in edges} - {""})),
            all(edge.dependency.how == "may fault" for edge in edges),
        )
        for (held, wanted), edges in sorted(
            seen.items(), key=lambda item: (rank[item[0][0]], rank[item[0][1]])
        )
    ]


def order(graph: OrderGraph) -> list[str]:
    """Every class, outermost first: topological, ties as documented, waits that are no locks last.

    Where the graph has a cycle, the documented order decides.
    """
    rest = sorted(graph.classes(), key=_documented)
    found: list[str] = []
    while rest:
        inner = {
            edge.wanted.kind
            for kind in rest
            for edge in graph.edges(kind)
            if edge.wanted.kind != kind
        }
        free = next((kind for kind in rest if kind not in inner), rest[0])
        rest.remove(free)
        found.append(free)
    return found


def against(graph: OrderGraph, documented: Sequence[str] = DOCUMENTED) -> list[Edge]:
    """One edge for every pair of classes that was taken against the documented order."""
    found: dict[tuple[str, str], Edge] = {}
    rank = {kind: at for at, kind in enumerate(documented)}
    for edge in graph.edges():
        held, wanted = edge.hold.kind, edge.wanted.kind
        if held in rank and wanted in rank and rank[held] > rank[wanted]:
            found.setdefault((held, wanted), edge)
    return list(found.values())


def _documented(kind: str) -> tuple[int, int, str]:
    if kind in WAITS:
        return 1, WAITS.index(kind), kind
    return 0, DOCUMENTED.index(kind) if kind in DOCUMENTED else len(DOCUMENTED), kind


def _kind(edge: Edge) -> str:
    operation = edge.dependency.witness.operation
    return "" if operation is None else kind_of(operation)
