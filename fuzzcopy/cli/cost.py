"""``fuzzcopy cost``: the table of costs, and measuring one's own."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from fuzzcopy.cli.given import at_most_one, only_with
from fuzzcopy.cli.output import Output, writing
from fuzzcopy.cli.place import Place
from fuzzcopy.cli.stdout import Stdout
from fuzzcopy.cost import Costs, load_costs
from fuzzcopy.cost.calibrate import calibrate as measure_machine
from fuzzcopy.cost.costs import described
from fuzzcopy.counted import counted
from fuzzcopy.places import check_file, put


@click.command()
@click.option(
    "--costs",
    "costs_file",
    type=Place(),
    metavar="TOML",
    help="Show this table instead of the built-in one.",
)
@click.option("--calibrate", is_flag=True, help="Measure this machine and write a table.")
@click.option(
    "--output",
    type=Output(dir_okay=False),
    default="costs.toml",
    show_default=True,
    metavar="TOML",
    help="Where --calibrate writes to.",
)
@click.option("--force", is_flag=True, help="Write over a file that is there.")
def cost(costs_file: Path | None, calibrate: bool, output: Path, force: bool) -> None:
    """Show what hardware actions are taken to cost, and where the figures are from.

    With --calibrate: measure copies, page faults and TLB shootdowns on the running Linux, and
    write a table for `fuzzcopy compare --costs`. What cannot be measured keeps its default.
    """
    only_with("calibrate", "output", "force")
    at_most_one("calibrate", "costs_file")
    console = Stdout()
    if calibrate:
        _calibrate(console, output, force)
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("action", no_wrap=True)
    table.add_column("ns", justify="right", no_wrap=True)
    table.add_column("what it is")
    costs = Costs() if costs_file is None else load_costs(costs_file)
    for name, value, text in described(costs, str(costs_file)):
        table.add_row(name, f"{value:g}", escape(text))
    console.print(table)


def _calibrate(console: Console, output: Path, force: bool) -> None:
    if output.exists() and not force:
        raise click.UsageError(f"{output} is there already: --force writes over it")
    with writing(output):
        check_file(output)
    errors = Console(stderr=True)
    measured = measure_machine(lambda what: errors.print(f"measuring {what}", markup=False))
    console.print(f"copy of 4096 bytes, hot          {measured.copy_hot:>8,.0f} ns")
    console.print(f"copy of 4096 bytes, cold source  {measured.copy_cold:>8,.0f} ns")
    console.print(f"minor page fault                 {measured.minor_fault:>8,.0f} ns")
    console.print(f"mprotect, alone                  {measured.mprotect_alone:>8,.0f} ns")
    if measured.mprotect_others is not None:
        beside = f"mprotect, {counted(measured.others, 'CPU')} beside it"
        console.print(f"{beside:33}{measured.mprotect_others:>8,.0f} ns")
    if not measured.in_order():
        console.print(
            "not in the usual order (hot < cold < fault <= mprotect beside others): the machine "
            "was busy, has one CPU, or flushes without interrupts"
        )
    with writing(output):
        put(output, measured.as_toml().encode())
    console.print(f"written: {output}", markup=False)
