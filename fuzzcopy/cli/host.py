"""``fuzzcopy host``: the same programs on the running kernel."""

from __future__ import annotations

import platform
import random
import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click

from fuzzcopy.cli.given import at_most_one, not_with
from fuzzcopy.cli.output import Output
from fuzzcopy.cli.place import Place
from fuzzcopy.cli.seconds import Seconds
from fuzzcopy.cli.stdout import SO_FAR
from fuzzcopy.counted import counted
from fuzzcopy.host.abilities import (
    FILE_SYSTEMS,
    cannot_gate,
    cannot_mount,
    cannot_run,
    file_system_of,
)
from fuzzcopy.host.explain import SCHEDULES
from fuzzcopy.host.finding import TELL_FIRST, HostFinding, load, save
from fuzzcopy.host.mounts import CannotMount
from fuzzcopy.host.replay import replay
from fuzzcopy.host.sandbox import CannotMake, Mounted, Sandbox
from fuzzcopy.host.target import Target
from fuzzcopy.regression import RegressionError
from fuzzcopy.regression.store import check_writable
from fuzzcopy.sched import ctrl_c


@click.command()
@click.option(
    "--fs",
    metavar="NAME,...",
    help=f"File systems to mount and use: {', '.join(FILE_SYSTEMS)}. [default: tmpfs,ext4]",
)
@click.option(
    "--dir",
    "directory",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Use this directory's file system instead; files are made in a directory of our own.",
)
@click.option(
    "--examples",
    type=click.IntRange(min=1),
    default=2_000,
    show_default=True,
    metavar="N",
    help="Programs to try at most.",
)
@click.option(
    "--max-time",
    type=Seconds(),
    metavar="SECONDS",
    help="Stop generating after this time.",
)
@click.option(
    "--cpus",
    type=click.IntRange(1, 4),
    default=1,
    show_default=True,
    metavar="N",
    help="1: programs alone, compared exactly. More: threads, stopped in the middle of copies; "
    "every outcome must be explained.",
)
@click.option("--seed", type=click.IntRange(min=0), metavar="N", help="Draw the same programs.")
@click.option(
    "--save",
    "save_to",
    type=Output(),
    default=Path("regressions/host"),
    show_default=True,
    metavar="DIR",
    help="Where the shrunk finding goes.",
)
@click.option("--no-save", is_flag=True, help="Write no file.")
@click.option(
    "--replay",
    "file",
    type=Place(),
    metavar="FILE",
    help="Run a finding again instead: is it still there?",
)
@ctrl_c.held()  # to its very end: what was made is taken away first
def host(
    fs: str | None,
    directory: Path | None,
    examples: int,
    max_time: float | None,
    cpus: int,
    seed: int | None,
    save_to: Path,
    no_save: bool,
    file: Path | None,
) -> None:
    """Run drawn programs on the running Linux; every difference to the model is a finding.

    Everything happens in own mounts, or in an own directory below DIR, in processes that end with
    this one. Exit status 1 if something was found that the table of known differences has not.
    """
    if fs is not None and directory is not None:
        raise click.UsageError("--fs mounts file systems, --dir uses one: give one of them")
    at_most_one("save_to", "no_save")
    trouble = cannot_run()
    if trouble is not None:
        raise click.UsageError(trouble)
    if file is not None:
        idle = ("examples", "max_time", "cpus", "seed", "save_to", "no_save")
        not_with("--replay, which runs what the file says", *idle)
        _replay(load(file), file, fs, directory)
        return
    if not no_save:
        check_writable(save_to)
    if seed is None:
        seed = random.SystemRandom().randrange(1 << 31)
    names = _names(fs) if directory is None else []
    gates = cannot_gate() if cpus > 1 else None
    if gates is not None:
        click.echo(gates, err=True)
    from fuzzcopy.host.campaign import HostFuzzer
    from fuzzcopy.host.programs import concurrent

    with _targets(names, directory) as targets:
        used = [target.fs for target in targets]
        strategy = None if cpus == 1 else concurrent(cpus, fs=used)
        fuzzer = HostFuzzer(targets, seed=seed, strategy=strategy)
        campaign = fuzzer.run(examples=examples, max_time=max_time)
    if campaign.interrupted:
        click.echo(SO_FAR)
    _print_known(targets)
    _print_concurrent(targets)
    runs = sum(target.tally.runs for target in targets)
    ran = (
        f"{counted(campaign.programs, 'program')}, {counted(runs, 'run')} on "
        f"{', '.join(target.fs for target in targets)} in {campaign.seconds:.1f} s "
        f"(Linux {platform.release()}, seed {campaign.seed})"
    )
    if campaign.finding is not None:
        _print_finding(campaign.finding)
        click.echo(ran)
        if not no_save:
            _save(campaign.finding, save_to)
        sys.exit(1)
    if campaign.problem is not None:
        click.echo(f"nothing decided: the model itself failed: {campaign.problem}\n{ran}")
        sys.exit(3)
    click.echo(f"nothing found: {ran}")
    sys.exit(130 if campaign.interrupted else 0)


def _names(fs: str | None) -> list[str]:
    """The file systems to mount; says which of them cannot be had."""
    asked = ["tmpfs", "ext4"] if fs is None else [*dict.fromkeys(fs.split(","))]
    unknown = [name for name in asked if name not in FILE_SYSTEMS]
    if unknown:
        raise click.UsageError(
            f"there is no file system {unknown[0]!r} here: use some of {', '.join(FILE_SYSTEMS)}"
        )
    names = []
    for name in asked:
        trouble = cannot_mount(name)
        if trouble is None:
            names.append(name)
        else:
            click.echo(f"cannot use {trouble}", err=True)
    if not names:
        raise click.UsageError("no file system is left to run programs on")
    return names


@contextmanager
def _targets(names: Sequence[str], directory: Path | None) -> Iterator[list[Target]]:
    """Something to run on: mounts of ``names``, or an own directory below ``directory``."""
    with ExitStack() as stack:
        if directory is not None:
            sandbox = stack.enter_context(Sandbox())
            try:
                where = sandbox.directory(str(directory.resolve()))
            except CannotMake as error:
                raise click.UsageError(f"{error}; choose another with --dir DIR") from None
            yield [Target(sandbox, file_system_of(directory), Mounted(where))]
            return
        sandbox = stack.enter_context(Sandbox())
        targets = []
        for name in names:
            try:
                targets.append(Target(sandbox, name, sandbox.mount(name)))
            except CannotMount as error:
                click.echo(f"cannot use {error}", err=True)
        if not targets:
            raise click.UsageError("no file system is left to run programs on")
        yield targets


def _print_known(targets: Sequence[Target]) -> None:
    for target in targets:
        for key, count in sorted(target.tally.known.items()):
            reason = target.tally.reasons[key].reason
            click.echo(f"known difference, {key} ({count:,} runs): {reason}")


def _print_concurrent(targets: Sequence[Target]) -> None:
    for target in targets:
        tally = target.tally
        if tally.concurrent:
            click.echo(
                f"{target.fs}: {tally.concurrent:,} concurrent runs, {tally.gates:,} times a copy "
                f"or a request was held; {tally.concurrent - tally.only_explained:,} ended as some "
                f"schedule of the model does (at most {SCHEDULES} tried), {tally.only_explained:,} "
                f"are explained by an order of the operations"
            )


def _print_finding(finding: HostFinding) -> None:
    if finding.private:
        click.echo(TELL_FIRST)
    click.echo(f"found and shrunk on {finding.fs}: {finding.message}")
    scenario = finding.scenario
    for f, spec in enumerate(scenario.files):
        click.echo(f"  f{f}: {spec.size} bytes of the model ({', '.join(spec.pages)})")
    for mapping in scenario.spaces[0].mappings:
        what = "anonymous" if mapping.file is None else f"f{mapping.file}"
        mode = f"{'shared' if mapping.shared else 'private'} {'rw' if mapping.writable else 'r'}"
        click.echo(f"  m{mapping.slot}: {mapping.pages} pages of {what}, {mode}")
    for c, cpu in enumerate(scenario.cpus):
        for operation in cpu.program:
            click.echo(f"  cpu{c}: {operation}")
    click.echo(f"seen {finding.seen_times} of {finding.runs} times")


def _save(finding: HostFinding, directory: Path) -> None:
    try:
        path = save(finding, directory)
    except RegressionError as error:
        click.echo(f"Error: {error}", err=True)  # no more than that: it was found all the same
        return
    click.echo(f"saved: {path}\nreplay: fuzzcopy host --replay {shlex.quote(str(path))}")


def _replay(finding: HostFinding, path: Path, fs: str | None, directory: Path | None) -> None:
    names = _names(fs or finding.fs) if directory is None else []
    with _targets(names, directory) as targets:
        status = 0
        for target in targets:
            result = replay(target, finding)
            note = f"; instead: {result.other}" if result.other is not None else ""
            click.echo(
                f"{path}: {result} on {target.fs}, Linux {platform.release()} "
                f"(found on {finding.fs}, Linux {finding.kernel}){note}"
            )
            if result.times or result.other is not None:
                status = 1
    sys.exit(status)
