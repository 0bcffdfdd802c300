"""``fuzzcopy fuzz``: search a kernel for failures."""

from __future__ import annotations

import json
import random
import shlex
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from functools import partial
from pathlib import Path

import click
from rich.console import Console
from rich.live import Live

from fuzzcopy.bugs import catalogue
from fuzzcopy.cli.given import at_most_one, words
from fuzzcopy.cli.output import Output
from fuzzcopy.cli.predictions import prediction_data, print_predictions
from fuzzcopy.cli.seconds import Seconds
from fuzzcopy.cli.stdout import SO_FAR, Stdout
from fuzzcopy.counted import counted, sampled
from fuzzcopy.fuzz import Campaign, Corpus, Fuzzer
from fuzzcopy.kernel import Kernel
from fuzzcopy.regression import Regression, RegressionError, find_kernel, save
from fuzzcopy.regression.format import Expectation
from fuzzcopy.regression.store import check_writable
from fuzzcopy.report import Report, headline, print_report
from fuzzcopy.report.reached import Reached, unreached_data, unreached_lines
from fuzzcopy.runner import Outcome
from fuzzcopy.sched import ctrl_c
from fuzzcopy.strategies import KINDS, alike, scenarios, variations


@click.command()
@click.argument("kernel")
@click.option(
    "--examples",
    type=click.IntRange(min=1),
    default=20_000,
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
    "--seed",
    type=click.IntRange(min=0),
    metavar="N",
    help="Make the search repeatable; random if not given.",
)
@click.option(
    "--cpus",
    type=click.IntRange(1, 8),
    default=3,
    show_default=True,
    metavar="N",
    help="CPUs of a program at most.",
)
@click.option(
    "--save",
    "directory",
    type=Output(),
    default="regressions",
    show_default=True,
    metavar="DIR",
    help="Where the shrunk failure goes.",
)
@click.option(
    "--corpus",
    type=Output(file_okay=False),
    metavar="DIR",
    help="Begin with the programs kept there, and keep more; can be shared by many searches.",
)
@click.option("--no-save", is_flag=True, help="Write no file.")
@click.option(
    "--strict-locks",
    is_flag=True,
    help="A lock-order inversion that was predicted and not confirmed is a failure, too.",
)
@click.option(
    "--coverage",
    is_flag=True,
    help="Say which lines and branches of the kernel's swapped path no schedule reached.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="json: the last line on stdout is one object.",
)
@ctrl_c.held()  # to its very end: what was found is saved first
def fuzz(
    kernel: str,
    examples: int,
    max_time: float | None,
    seed: int | None,
    cpus: int,
    directory: Path,
    corpus: Path | None,
    no_save: bool,
    strict_locks: bool,
    coverage: bool,
    form: str,
) -> None:
    """Search KERNEL for failures; shrink and save the first one found."""
    at_most_one("directory", "no_save")
    target = find_kernel(kernel)
    if not no_save:
        check_writable(directory)
    if corpus is not None:
        check_writable(corpus, "choose another with --corpus DIR")
    reached = _reached(target) if coverage else None
    if seed is None:
        seed = random.SystemRandom().randrange(1 << 31)
    out = Stdout()
    progress = Progress(Console(stderr=True))
    kept = Corpus(corpus)
    fuzzer = Fuzzer(
        target,
        seed=seed,
        strategy=scenarios(cpus=cpus),
        corpus=kept,
        vary=partial(variations, cpus=cpus),
        like=partial(alike, cpus=cpus),
        on_progress=progress.update,
    )
    with progress, reached or nullcontext():
        campaign = fuzzer.run(examples=examples, max_time=max_time)
    path = None
    trouble = None
    if campaign.outcome is not None and not no_save:
        try:
            path = save(
                Regression.of(
                    campaign.outcome, expect=_expectation(kernel), minimal=campaign.minimal
                ),
                directory,
            )
        except RegressionError as error:
            trouble = error
    if form == "text":
        unreached = [] if reached is None else unreached_lines(reached)
        _print_text(out, kernel, target, campaign, path, unreached)
    else:
        measured = {} if reached is None else {"coverage": unreached_data(reached)}
        print(json.dumps(_summary(campaign, path) | measured))
    if trouble is not None:
        click.echo(f"Error: {trouble}", err=True)
    if kept.trouble is not None:
        reason = f"{kept.trouble.strerror}; the search went on without it"
        click.echo(f"Error: cannot keep programs in {corpus}: {reason}", err=True)
    sys.exit(_status(campaign, strict=strict_locks))


def _reached(kernel: type[Kernel]) -> Reached:
    try:
        return Reached(kernel)
    except ImportError:
        mend = "--coverage needs coverage.py: pip install 'fuzzcopy[coverage]'"
        raise click.UsageError(mend) from None


class Progress:
    """A line of figures that renews itself on a terminal, and nothing at all elsewhere."""

    def __init__(self, console: Console) -> None:
        self._live = Live(console=console, refresh_per_second=8, transient=True)
        self._on = console.is_terminal

    def __enter__(self) -> Progress:
        if self._on:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._on:
            self._live.stop()

    def update(self, campaign: Campaign) -> None:
        """Show how far the campaign is."""
        if self._on:
            self._live.update(self._line(campaign))

    def _line(self, campaign: Campaign) -> str:
        seconds = max(campaign.elapsed(), 0.001)
        return (
            f"{campaign.kernel}: {campaign.schedules:,} schedules of {campaign.examples:,} "
            f"programs, {campaign.schedules / seconds:,.0f}/s, {seconds:.0f} s, "
            f"{len(campaign.operations)}/{len(KINDS)} kinds of operation"
        )


def _expectation(kernel: str) -> Expectation:
    return "fails" if kernel in catalogue() else "passes"


def _print_text(
    out: Console,
    kernel: str,
    target: type[Kernel],
    campaign: Campaign,
    path: Path | None,
    unreached: Sequence[str],
) -> None:
    ran = (
        f"{sampled(campaign.schedules, campaign.examples)} "
        f"in {campaign.seconds:.1f} s (seed {campaign.seed})"
    )
    if campaign.interrupted:
        out.print(SO_FAR)
    outcome = campaign.outcome
    if outcome is not None:
        with ctrl_c.interruptible():  # what was found is told, all the same
            print_report(out, Report.of(target, outcome.scenario))
    elif campaign.problem is not None:
        out.print(f"nothing decided: {campaign.problem}\n{ran}", soft_wrap=True, markup=False)
    elif campaign.all_undecided:
        out.print(f"nothing decided on {campaign.kernel}: {ran}", soft_wrap=True)
    else:
        what = "decided" if campaign.missed_the_kernel else "found"
        out.print(f"nothing {what} on {campaign.kernel}: sampled {ran}", soft_wrap=True)
        for line in campaign.tried():
            out.print(line, soft_wrap=True, markup=False)
    brief = f"fuzzcopy locks {shlex.quote(kernel)}" if outcome is not None else ""
    print_predictions(out, campaign.predictions, brief=brief)
    if campaign.undecided:
        undecided = counted(campaign.undecided, "run")
        out.print(f"undecided: {undecided} ended at the step limit", soft_wrap=True)
    for line in unreached:
        out.print(line, soft_wrap=True, markup=False)
    if outcome is not None:
        # Last, where the eye falls, and what is to be called next.
        found = "found, not shrunk to the end" if campaign.interrupted else "found and shrunk"
        out.print(f"\n{found}: {headline(outcome)}\n{ran}", soft_wrap=True)
        _print_way_back(out, kernel, campaign, outcome, path)


def _print_way_back(
    out: Console, kernel: str, campaign: Campaign, outcome: Outcome, path: Path | None
) -> None:
    if path is None:
        seed = str(campaign.seed)
        again = ["fuzzcopy", "fuzz", kernel, "--seed", seed, *words("cpus", "examples")]
        out.print(f"again: {shlex.join(again)}", soft_wrap=True, markup=False)
        return
    own = "" if kernel == outcome.kernel else f" --kernel {shlex.quote(kernel)}"
    name = shlex.quote(str(path))
    way_back = f"saved: {path}\nreplay: fuzzcopy replay {name}{own}"
    out.print(way_back, soft_wrap=True, markup=False)


def _summary(campaign: Campaign, path: Path | None) -> dict[str, object]:
    outcome = campaign.outcome
    return {
        "kernel": campaign.kernel,
        "verdict": outcome.kind if outcome else None,
        "message": str(outcome.verdict) if outcome else None,
        "schedules": campaign.schedules,
        "examples": campaign.examples,
        "seconds": round(campaign.seconds, 3),
        "seed": campaign.seed,
        "cpus": len(outcome.scenario.cpus) if outcome else None,
        "operations": outcome.scenario.operations if outcome else None,
        "preemptions": outcome.preemptions if outcome else None,
        "regression": str(path) if path else None,
        "undecided": campaign.undecided,
        "claim": "sampled",
        "missed": _missed(campaign),
        "entered": campaign.claim.programs,
        "never_entered": [*campaign.never_entered],
        "predictions": [prediction_data(prediction) for prediction in campaign.predictions],
        "problem": str(campaign.problem) if campaign.problem else None,
        "interrupted": campaign.interrupted,
    }


def _missed(campaign: Campaign) -> dict[str, dict[int, float]] | None:
    """By a bug's depth; only for a campaign that found nothing where it looked."""
    if _status(campaign, strict=False) in (1, 3) or not campaign.claim.programs:
        return None
    return {"worst": campaign.claim.worst, "mean": campaign.claim.mean}


def _status(campaign: Campaign, *, strict: bool) -> int:
    if campaign.outcome is not None or (strict and campaign.predictions):
        return 1
    if campaign.problem is not None or campaign.all_undecided:
        return 3
    if campaign.interrupted:
        return 130
    return 3 if campaign.missed_the_kernel else 0
