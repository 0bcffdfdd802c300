"""``fuzzcopy bugs``: the catalogue."""

from __future__ import annotations

import inspect

import click
from rich.console import Console
from rich.syntax import Syntax
from rich.table import Table

from fuzzcopy.bugs import Bug, catalogue
from fuzzcopy.cli.stdout import Stdout
from fuzzcopy.regression import KernelError


@click.command()
@click.argument("name", required=False)
def bugs(name: str | None) -> None:
    """List the real bugs of the field that fuzzcopy rediscovers; with NAME, tell its story."""
    console = Stdout()
    if name is None:
        _list(console)
        return
    bug = catalogue().get(name)
    if bug is None:
        raise KernelError(f"there is no bug {name!r}; `fuzzcopy bugs` lists them")
    _tell(console, bug)


def _list(console: Console) -> None:
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("name", no_wrap=True)
    table.add_column("year")
    table.add_column("verdict")
    table.add_column("smallest (CPUs/ops/preemptions)")
    table.add_column("what went wrong")
    for bug in catalogue().values():
        table.add_row(
            bug.name,
            str(bug.year),
            bug.verdicts[0],
            "/".join(map(str, bug.smallest)),
            bug.summary(),
        )
    console.print(table)


def _tell(console: Console, bug: type[Bug]) -> None:
    cpus, operations, preemptions = bug.smallest
    console.print(f"[bold]{bug.name}[/bold] ({bug.year}): {' or '.join(bug.verdicts)}")
    console.print(inspect.cleandoc(bug.__doc__ or ""), markup=False)
    console.print(f"\nfixed by: {bug.fixed_by}", markup=False)
    console.print(
        f"smallest failing case: CPUs {cpus}, operations {operations}, preemptions {preemptions}\n"
    )
    console.print(Syntax(bug.swapped_source(), "python", background_color="default"))
