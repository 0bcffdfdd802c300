"""The order graph as a picture: Mermaid and DOT. Arrows lead from what is held to what is next."""

from __future__ import annotations

from collections.abc import Iterator

from fuzzcopy.lockorder.derived import WAITS, Step, order, steps
from fuzzcopy.lockorder.graph import OrderGraph
from fuzzcopy.lockorder.inversion import class_name


def mermaid(graph: OrderGraph) -> str:
    """A Mermaid flowchart; a dotted arrow is a page fault that may happen, red is in a cycle."""
    lines = ["flowchart TD"]
    for kind in order(graph):
        left, right = ("([", "])") if kind in WAITS else ("[", "]")
        lines.append(f"    {kind}{left}{class_name(kind)}{right}")
    for number, (step, bad) in enumerate(_marked(graph)):
        arrow = "-.->" if step.may_fault else "-->"
        lines.append(f"    {step.held} {arrow} {step.wanted}")
        if bad:
            lines.append(f"    linkStyle {number} stroke:red")
    return "\n".join(lines)


def dot(graph: OrderGraph) -> str:
    """The same for Graphviz."""
    lines = ["digraph locks {", "    node [shape=box];"]
    for kind in order(graph):
        shape = ", style=rounded" if kind in WAITS else ""
        lines.append(f'    "{kind}" [label="{class_name(kind)}"{shape}];')
    for step, bad in _marked(graph):
        styles = [*["style=dotted"] * step.may_fault, *["color=red"] * bad]
        attributes = f" [{', '.join(styles)}]" if styles else ""
        lines.append(f'    "{step.held}" -> "{step.wanted}"{attributes};')
    return "\n".join([*lines, "}"])


def _marked(graph: OrderGraph) -> Iterator[tuple[Step, bool]]:
    bad = {
        (edge.hold.kind, edge.wanted.kind)
        for inversion in graph.inversions
        for edge in inversion.edges
    }
    for step in steps(graph):
        yield step, (step.held, step.wanted) in bad
