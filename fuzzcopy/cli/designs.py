"""``fuzzcopy designs``: correct ways to copy, by name."""

from __future__ import annotations

import inspect

import click
from rich.syntax import Syntax
from rich.table import Table

from fuzzcopy.cli.stdout import Stdout
from fuzzcopy.designs import designs as all_designs
from fuzzcopy.regression import KernelError


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
    found = all_designs().get(name)
    if found is None:
        raise KernelError(f"there is no design {name!r}; `fuzzcopy designs` lists them")
    console.print(f"[bold]{found.name}[/bold]")
    console.print(inspect.cleandoc(found.__doc__ or ""), markup=False)
    console.print(f"\nused by: {found.used_by}\n", markup=False)
    console.print(Syntax(found.swapped_source(), "python", background_color="default"))
