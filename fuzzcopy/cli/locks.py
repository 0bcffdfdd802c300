"""``fuzzcopy locks``: the lock order that a kernel really uses."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from fuzzcopy.cli.given import at_most_one, only_with
from fuzzcopy.cli.output import Output
from fuzzcopy.cli.predictions import prediction_data, print_predictions
from fuzzcopy.cli.stdout import SO_FAR, Stdout
from fuzzcopy.cli.swaps import swap_data, try_swaps
from fuzzcopy.counted import sampled
from fuzzcopy.fuzz import Derived, derive
from fuzzcopy.fuzz.swaps import PREEMPTIONS
from fuzzcopy.lockorder import DOCUMENTED, Edge
from fuzzcopy.lockorder.derived import WAITS, Step, against, order, steps
from fuzzcopy.lockorder.drawing import dot, mermaid
from fuzzcopy.lockorder.inversion import class_name
from fuzzcopy.regression import find_kernel
from fuzzcopy.regression.store import check_writable
from fuzzcopy.sched import ctrl_c


@click.command()
@click.argument("kernel", default="reference")
@click.option(
    "--examples",
    type=click.IntRange(min=1),
    default=400,
    show_default=True,
    metavar="N",
    help="Programs to see the order in.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    metavar="N",
    help="Which programs these are.",
)
@click.option("--mermaid", "as_mermaid", is_flag=True, help="Print the graph for Mermaid.")
@click.option("--dot", "as_dot", is_flag=True, help="Print the graph for Graphviz.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="json: the last line on stdout is one object.",
)
@click.option(
    "--swaps",
    is_flag=True,
    help="Try what becomes of KERNEL if one path takes two locks the other way round; minutes.",
)
@click.option(
    "--preemptions",
    type=click.IntRange(min=0),
    default=PREEMPTIONS,
    show_default=True,
    metavar="B",
    help="With --swaps: explore every schedule with at most B preemptions.",
)
@click.option(
    "--save",
    "save_to",
    type=Output(file_okay=False),
    metavar="DIR",
    help="With --swaps: save the failures as regressions in DIR.",
)
@ctrl_c.held()
def locks(
    kernel: str,
    examples: int,
    seed: int,
    as_mermaid: bool,
    as_dot: bool,
    form: str,
    swaps: bool,
    preemptions: int,
    save_to: Path | None,
) -> None:
    """Show in which order KERNEL takes its locks, and whether it contradicts itself.

    The order is seen in drawn programs. A contradiction is tried: exit status 1 if something hangs,
    3 if nothing does and no program entered anything that KERNEL swaps. What swaps lead to does not
    count, as no kernel is so.
    """
    at_most_one("as_mermaid", "as_dot", "form")
    at_most_one("as_mermaid", "as_dot", "swaps")
    only_with("swaps", "preemptions", "save_to")
    if save_to is not None:
        check_writable(save_to, "choose another with --save DIR")
    target = find_kernel(kernel)
    derived = derive(target, examples=examples, seed_=seed)
    if derived.interrupted and not derived.schedules:
        raise KeyboardInterrupt
    graph = derived.predictions.graph
    if as_mermaid or as_dot:
        print(mermaid(graph) if as_mermaid else dot(graph))
        if derived.interrupted:
            click.echo(SO_FAR, err=True)
        sys.exit(130 if derived.interrupted else 0)
    interrupted = derived.interrupted or _try_predictions(derived)
    out = None if form == "json" else Stdout()
    if out is not None:
        if interrupted:
            out.print(SO_FAR)
        _print(out, target.name, derived, seed)
    tried = None
    if swaps and not interrupted:
        tried, interrupted = try_swaps(target, save_to, preemptions, out)
    if out is None:
        summary = _summary(target.name, derived, seed) | {"interrupted": interrupted}
        if tried is not None:
            summary["swaps"] = [swap_data(*each) for each in tried]
        print(json.dumps(summary))
    if any(prediction.failure is not None for prediction in derived.predictions.done):
        sys.exit(1)
    if interrupted:
        sys.exit(130)
    sys.exit(3 if derived.missed_the_kernel else 0)


def _try_predictions(derived: Derived) -> bool:
    """Try all of them, not only the first that is confirmed; whether Ctrl-C came before the end."""
    with ctrl_c.interruptible() as work:
        while derived.predictions.try_new() is not None:
            pass
    return work.interrupted


def _print(out: Console, kernel: str, derived: Derived, seed: int) -> None:
    graph = derived.predictions.graph
    seen = f"{sampled(derived.schedules, derived.programs)} (seed {seed})"
    out.print(f"{kernel}: seen in {seen}", soft_wrap=True)
    if derived.missed_the_kernel:
        never = f"nothing decided: never entered: {', '.join(derived.never_entered)}"
        out.print(f"{never}; draw more with --examples N", soft_wrap=True, markup=False)
    for kind, count in derived.verdicts.items():
        out.print(f"{count:,} of them ended in {kind}: see fuzzcopy fuzz", soft_wrap=True)
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in ("while this is held", "this is taken next", "in"):
        table.add_column(column, overflow="fold")
    for step in steps(graph):
        operations = "a page fault, perhaps" if step.may_fault else ", ".join(step.operations)
        table.add_row(class_name(step.held), class_name(step.wanted), operations)
    out.print(table)
    used = [kind for kind in order(graph) if kind not in WAITS]
    out.print(f"\nused:       {' -> '.join(used)}", soft_wrap=True)
    out.print(f"documented: {' -> '.join(DOCUMENTED)}", soft_wrap=True)
    wrong = against(graph)
    if not wrong and not graph.inversions:
        out.print("nothing is taken against the documented order, and no two orders contradict")
    for edge in wrong:
        out.print(f"against it: {_pair(edge)}", soft_wrap=True, markup=False)
    print_predictions(out, derived.predictions.with_untried())


def _summary(kernel: str, derived: Derived, seed: int) -> dict[str, object]:
    graph = derived.predictions.graph
    return {
        "kernel": kernel,
        "seed": seed,
        "programs": derived.programs,
        "schedules": derived.schedules,
        "verdicts": dict(derived.verdicts),
        "never_entered": [*derived.never_entered],
        "order": order(graph),
        "documented": list(DOCUMENTED),
        "steps": [_step(step) for step in steps(graph)],
        "against": [[edge.hold.kind, edge.wanted.kind] for edge in against(graph)],
        "predictions": [prediction_data(p) for p in derived.predictions.with_untried()],
    }


def _step(step: Step) -> dict[str, object]:
    return {
        "held": step.held,
        "wanted": step.wanted,
        "operations": list(step.operations),
        "may_fault": step.may_fault,
    }


def _pair(edge: Edge) -> str:
    operation = edge.dependency.witness.operation
    doing = f", in {operation}" if operation is not None else ""
    return f"{class_name(edge.hold.kind)} -> {class_name(edge.wanted.kind)}{doing}"
