"""``fuzzcopy designs``: correct ways to copy, by name."""

from __future__ import annotations

import click
from rich.table import Table

from fuzzcopy.cli.stdout import Stdout
from fuzzcopy.cli.story import print_code, print_prose
from fuzzcopy.designs import designs as all_designs
from fuzzcopy.regression import KernelError
from fuzzcopy.regression.line import meant


@click.command()
@click.argument("name", required=False)
def designs(name: str | None) -> None:
    """List correct ways to copy that can be fuzzed and compared; with NAME, show how one works."""
    console = Stdout()
    if name is None:
        table = Table(box=None, header_style="bold", pad_edge=False)
        table.add_column("name", no_wrap=True)
        table.add_column("idea")
        for design in all_designs().values():
            table.add_row(design.name, design.summary())
        console.print(table)
        return
    known = all_designs()
    found = known.get(name)
    if found is None:
        raise KernelError(
            f"there is no design {name!r}{meant(name, known)}; `fuzzcopy designs` lists them"
        )
    console.print(f"[bold]{found.name}[/bold]")
    print_prose(console, found.__doc__)
    console.print(f"\nused by: {found.used_by}\n", soft_wrap=True, markup=False)
    print_code(console, found.swapped_source())
