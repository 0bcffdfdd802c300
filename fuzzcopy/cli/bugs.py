"""``fuzzcopy bugs``: the catalogue."""

from __future__ import annotations

import click
from rich.console import Console
from rich.text import Text

from fuzzcopy.bugs import Bug, catalogue
from fuzzcopy.cli.stdout import Stdout
from fuzzcopy.cli.story import print_code, print_prose
from fuzzcopy.regression import KernelError
from fuzzcopy.regression.line import meant


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
        raise KernelError(
            f"there is no bug {name!r}{meant(name, catalogue())}; `fuzzcopy bugs` lists them"
        )
    _tell(console, bug)


def _list(console: Console) -> None:
    """Two lines each: what went wrong has no room beside the rest where a line has 80 columns."""
    bugs = catalogue().values()
    name, verdict = max(len(b.name) for b in bugs), max(len(b.verdicts[0]) for b in bugs)
    heading = f"{'name':{name}}  year  {'verdict':{verdict}}  CPUs/ops/preemptions"
    console.print(Text(heading, "bold"), soft_wrap=True)
    for bug in bugs:
        smallest = "/".join(map(str, bug.smallest))
        row = f"{bug.name:{name}}  {bug.year}  {bug.verdicts[0]:{verdict}}  {smallest}"
        console.print(Text(row), soft_wrap=True)
        print_prose(console, bug.summary(), indent="  ")


def _tell(console: Console, bug: type[Bug]) -> None:
    cpus, operations, preemptions = bug.smallest
    console.print(f"[bold]{bug.name}[/bold] ({bug.year}): {' or '.join(bug.verdicts)}")
    print_prose(console, bug.__doc__)
    console.print(f"\nfixed by: {bug.fixed_by}", soft_wrap=True, markup=False)
    console.print(
        f"smallest failing case: CPUs {cpus}, operations {operations}, preemptions {preemptions}\n",
        soft_wrap=True,
    )
    print_code(console, bug.swapped_source())
