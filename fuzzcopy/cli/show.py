"""``fuzzcopy show``: the timeline of a failure."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable
from pathlib import Path

import click

from fuzzcopy.cli.given import at_most_one, words
from fuzzcopy.cli.output import Output, writing
from fuzzcopy.cli.place import Place
from fuzzcopy.cli.stdout import Stdout
from fuzzcopy.regression import Regression, find_kernel, kernel_of, load, why_changed
from fuzzcopy.report import Report, print_report
from fuzzcopy.report.export import as_json, chrome_trace, mermaid, shiviz

EXPORTS: dict[str, Callable[[Report], str]] = {  # by the name of their parameter
    "mermaid": mermaid,
    "chrome_trace": chrome_trace,
    "shiviz": shiviz,
    "json": as_json,
}


@click.command()
@click.argument("file", type=Place())
@click.option("--kernel", metavar="KERNEL", help="Show it on this kernel instead of its own.")
@click.option("--all", "everything", is_flag=True, help="One row per step, nothing folded.")
@click.option("--why", "compare", is_flag=True, help="Beside it, the nearest schedule that passes.")
@click.option(
    "--html",
    "page",
    type=Output(),
    metavar="OUT",
    help="Write a page to step through: the state at every step, beside the run that passes.",
)
@click.option("--mermaid", is_flag=True, help="A sequence diagram for a pull request.")
@click.option("--chrome-trace", is_flag=True, help="A trace for Perfetto.")
@click.option("--shiviz", is_flag=True, help="A log with vector clocks for ShiViz.")
@click.option("--json", is_flag=True, help="Everything, for your own programs.")
def show(
    file: Path,
    kernel: str | None,
    everything: bool,
    compare: bool,
    page: Path | None,
    **exports: bool,
) -> None:
    """Show what happens in a regression: one column per CPU, time going down, and why it is wrong.

    Runs of steps that nobody else touches are one row. The column of letters is the locks: who
    holds each, by the CPU's number (* is the hardware, & several).
    """
    at_most_one(*EXPORTS)
    for other in (*EXPORTS, "page"):
        at_most_one("everything", other)
        at_most_one("compare", other)
    form = next((name for name, asked in exports.items() if asked), None)
    regression = load(file)
    target = find_kernel(kernel) if kernel is not None else kernel_of(regression.kernel)
    report = Report.of(target, regression.scenario)
    outcome = report.outcome
    if form is not None:
        click.echo(EXPORTS[form](report), nl=False)
    if page is not None:
        _write_page(report, page)
        click.echo(f"written: {page}", err=form is not None)
    if form is None and page is None:
        print_report(Stdout(), report, everything=everything, compare=compare)
    if outcome.missed is not None:
        at = outcome.missed
        click.echo(
            f"diverged: {at.cpu} never came to its {at.nth}. {at.at!r}; "
            f"{why_changed(target, regression)}{_hint(file, regression, report)}",
            err=form is not None,
        )
    sys.exit(3 if outcome.problem is not None else 0)


def _hint(file: Path, regression: Regression, report: Report) -> str:
    """What a replay makes of a file whose schedule could not be followed."""
    replay = ["fuzzcopy", "replay", str(file), *words("kernel")]
    if report.outcome.kind != regression.verdict:
        return f". `{shlex.join(replay)}` searches for the failure in its new place"
    fails = f", but ends in {regression.verdict} all the same"
    if report.kernel.name != regression.kernel:
        return fails  # nothing is recorded from another kernel
    return f"{fails}. `{shlex.join([*replay, '--record'])}` writes it down anew"


def _write_page(report: Report, path: Path) -> None:
    # Only here: the template engine is not needed for anything else.
    from fuzzcopy.report.html import write_page

    with writing(path):
        write_page(report, path)
