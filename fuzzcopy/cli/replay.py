"""``fuzzcopy replay``: are the failures still there?"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from fuzzcopy.cli.place import Place
from fuzzcopy.counted import counted
from fuzzcopy.kernel import Kernel
from fuzzcopy.regression import (
    KernelError,
    Regression,
    RegressionError,
    find_kernel,
    kernel_of,
    load,
    overwrite,
    unexpected,
    why_changed,
)
from fuzzcopy.regression import (
    replay as replay_one,
)
from fuzzcopy.runner import minimise
from fuzzcopy.sched import ctrl_c

RECORDED = 100_000
"""How many schedules each number of preemptions may take to be ruled out: a file is for years."""


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="FILE|DIR...", type=Place())
@click.option("--kernel", metavar="KERNEL", help="Replay on this kernel instead of the file's own.")
@click.option(
    "--record",
    is_flag=True,
    help="Write down anew, in place, what was reproduced with another trace, or whose least "
    "number of preemptions was not known.",
)
@ctrl_c.held()  # between files, too: one that is written down anew is whole
def replay(paths: Sequence[Path], kernel: str | None, record: bool) -> None:
    """Run regressions again: one line per file.

    Exit status 1 if any is not as its file expects: a bug of the catalogue must still fail, your
    own failures must pass.
    """
    target = find_kernel(kernel) if kernel is not None else None
    files = [*_files(paths)]
    status = done = 0
    with ctrl_c.interruptible() as work:
        for path in files:
            status = max(status, _replay(path, target, record=record))
            done += 1
    if work.interrupted:
        replayed = f"{counted(done, 'file')} replayed, {len(files) - done:,} not"
        click.echo(f"interrupted: {replayed}", err=True)
        status = status or 130
    sys.exit(status)


def _replay(path: Path, target: type[Kernel] | None, *, record: bool) -> int:
    try:
        regression = load(path)
        on = target if target is not None else kernel_of(regression.kernel)
    except RegressionError as error:  # it names the file
        click.echo(f"error: {error}", err=True)
        return 2
    except KernelError as error:
        click.echo(f"{path}: error: {error}", err=True)
        return 2
    result = replay_one(on, regression)
    note = unexpected(result, regression)
    changed = result.word == "reproduced" and not result.same_trace
    other = on.name != regression.kernel
    if changed:
        note += f"; the trace differs from the recorded one, as {why_changed(on, regression)}"
    if other:
        note += f"; not recorded: the file is for {regression.kernel}" if record else ""
    elif record and result.word == "reproduced":
        outcome, minimal = minimise(on, result.outcome, schedules=RECORDED)
        again = Regression.of(outcome, expect=regression.expect, minimal=minimal)
        if again != regression:
            overwrite(path, again)
            note += ": recorded again" if changed else "; recorded again"
    elif changed:
        note += " (--record writes it down anew)"
    click.echo(f"{path}: {result} on {on.name}{note}")
    if result.word == "undecided":
        return 3
    return 0 if result.expected else 1


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        found = sorted(path.glob("*.json"))
        if not found:
            raise RegressionError(f"there is no regression (*.json) in {path}")
        yield from found
