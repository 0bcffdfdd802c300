"""``fuzzcopy compare``: designs held against each other in safety and cost."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.status import Status

from fuzzcopy.cli.given import not_with
from fuzzcopy.cli.output import Output, writing
from fuzzcopy.cli.place import Place
from fuzzcopy.cli.seconds import Seconds
from fuzzcopy.cli.stdout import SO_FAR, Stdout
from fuzzcopy.compare import compare as compare_kernels
from fuzzcopy.compare import page, print_comparison
from fuzzcopy.cost import Costs, load_costs
from fuzzcopy.designs import designs
from fuzzcopy.places import check_page, put
from fuzzcopy.regression import find_kernel
from fuzzcopy.sched import ctrl_c


@click.command()
@click.argument("kernels", nargs=-1, metavar="[KERNEL]...")
@click.option(
    "--examples",
    type=click.IntRange(min=0),
    default=500,
    show_default=True,
    metavar="N",
    help="Programs to search each kernel with; 0: only costs.",
)
@click.option(
    "--max-time",
    type=Seconds(),
    metavar="SECONDS",
    help="Search each kernel no longer than this.",
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, metavar="N")
@click.option(
    "--costs",
    "costs_file",
    type=Place(),
    metavar="TOML",
    help="A table of costs, as `fuzzcopy cost --calibrate` writes it.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="json: one object on stdout.",
)
@click.option(
    "--html",
    type=Output(dir_okay=False),
    metavar="OUT",
    help="Write a page with tables and plots, too.",
)
@ctrl_c.held()  # to its very end: the figures that there are are printed first
def compare(
    kernels: Sequence[str],
    examples: int,
    max_time: float | None,
    seed: int,
    costs_file: Path | None,
    form: str,
    html: Path | None,
) -> None:
    """Compare ways to copy: is each KERNEL safe, and what do its read() and write() cost?

    Without KERNEL: the reference and all of `fuzzcopy designs`. Exit status 1 if a search finds
    something, 3 if it does not and nothing could be decided on one of them.
    """
    if not examples:
        not_with("--examples 0, which searches nothing", "max_time", "seed")
    costs = Costs() if costs_file is None else load_costs(costs_file)
    found = [find_kernel(name) for name in kernels or ("reference", *designs())]
    if html is not None:
        with writing(html):
            check_page(html)
    with Status("", console=Console(stderr=True)) as status:
        comparison = compare_kernels(
            found, costs, examples=examples, max_time=max_time, seed=seed, tell=status.update
        )
    if form == "json":
        print(msgspec.json.encode(comparison).decode())
    else:
        if comparison.interrupted:
            click.echo(SO_FAR)
        console = Stdout()
        # A row is a line: what does not fit the terminal is better wrapped by it than by us.
        console.width = max(console.width, 150)
        print_comparison(console, comparison)
    if html is not None:
        # Last: whatever comes of it, the figures are on the screen.
        with writing(html):
            put(html, page(comparison).encode())
        click.echo(f"page: {html}", err=form == "json")
    if comparison.found:
        sys.exit(1)
    if comparison.undecided:
        sys.exit(3)
    sys.exit(130 if comparison.interrupted else 0)
