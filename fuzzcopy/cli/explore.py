"""``fuzzcopy explore``: every schedule of a program."""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click
from rich.console import Console

from fuzzcopy.cli.given import at_most_one, not_with
from fuzzcopy.cli.stdout import SO_FAR, Stdout
from fuzzcopy.counted import counted
from fuzzcopy.fuzz import draw_programs
from fuzzcopy.fuzz.target import Target
from fuzzcopy.kernel import Kernel
from fuzzcopy.regression import KernelError, find_kernel, kernel_of, load
from fuzzcopy.report import Report, print_report
from fuzzcopy.runner import check_accesses, record
from fuzzcopy.runner import explore as explore_one
from fuzzcopy.scenario import Scenario
from fuzzcopy.sched import ctrl_c
from fuzzcopy.sched.exploration import Explored


@click.command()
@click.argument("target", metavar="FILE|KERNEL")
@click.option("--kernel", metavar="KERNEL", help="Run the FILE's program on this kernel.")
@click.option(
    "--preemptions",
    type=click.IntRange(min=0),
    metavar="B",
    help="Only schedules that take a CPU at most B times from a program that could go on.",
)
@click.option(
    "--max-schedules",
    type=click.IntRange(min=1),
    default=20_000,
    show_default=True,
    metavar="N",
    help="Stop each program after so many.",
)
@click.option("--no-reduction", is_flag=True, help="Run all schedules, however alike.")
@click.option(
    "--check",
    is_flag=True,
    help="Instead, see whether every step touches only what it says, as exploration relies on.",
)
@click.option(
    "--programs",
    type=click.IntRange(min=1),
    default=20,
    show_default=True,
    metavar="N",
    help="How many small programs to draw for a KERNEL: 2 CPUs, one operation each.",
)
@click.option("--seed", type=click.IntRange(min=0), metavar="N", help="Draw the same again.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="json: the last line on stdout is one object.",
)
@ctrl_c.held()
def explore(
    target: str,
    kernel: str | None,
    preemptions: int | None,
    max_schedules: int,
    no_reduction: bool,
    check: bool,
    programs: int,
    seed: int | None,
    form: str,
) -> None:
    """Run every schedule of a program that can make a difference, and say if that were all.

    FILE is a regression: its program is explored, whatever schedule it has. For a KERNEL small
    programs are drawn. Exit status 1 if anything fails, 3 if nothing does and no program that was
    drawn enters anything that KERNEL swaps.
    """
    if check:
        for ignored in ("preemptions", "max_schedules", "no_reduction"):
            at_most_one("check", ignored)
    on, scenarios, seed = _subjects(target, kernel, programs, seed)
    if check:
        sys.exit(_check(on, scenarios, form))
    began = time.monotonic()
    aim = Target(on)
    results: list[tuple[Scenario, Explored]] = []
    with ctrl_c.interruptible() as work:
        for scenario in scenarios:
            explored = explore_one(
                aim.kernel,
                scenario,
                preemptions=preemptions,
                reduction=not no_reduction,
                max_schedules=max_schedules,
            )
            results.append((scenario, explored))
            if form == "text" and len(scenarios) > 1:
                failed = "".join(f"; {kind}" for kind in explored.failures)
                click.echo(f"{_size(scenario)}: {_figures(explored)}{failed}")
            if explored.problem is not None:
                break
    if work.interrupted and not results:
        raise KeyboardInterrupt
    seconds = time.monotonic() - began
    # Of a FILE's program it is known that it passes, whatever it enters.
    missed = seed is not None and not aim.is_hit
    if form == "text":
        if work.interrupted:
            click.echo(SO_FAR)
        _print_text(Stdout(), on, results, aim.never() if missed else [], seconds, seed)
    else:
        summary = _summary(on, results, aim.never(), seconds, seed)
        print(json.dumps(summary | {"interrupted": work.interrupted}))
    if any(explored.problem for _, explored in results):
        sys.exit(3)
    if any(explored.failures for _, explored in results):
        sys.exit(1)
    if work.interrupted:
        sys.exit(130)
    sys.exit(3 if missed else 0)


def _check(kernel: type[Kernel], scenarios: Sequence[Scenario], form: str) -> int:
    unsaid = check_accesses(kernel, scenarios)
    if form == "text":
        for each in unsaid:
            click.echo(str(each))
        programs = counted(len(scenarios), "program")
        found = len(unsaid) or "no"
        steps = "step" if len(unsaid) == 1 else "steps"
        click.echo(f"{found} {steps} of {kernel.name} touched what they do not say, in {programs}")
    else:
        print(json.dumps({"kernel": kernel.name, "unsaid": [asdict(each) for each in unsaid]}))
    return int(bool(unsaid))


def _subjects(
    target: str, kernel: str | None, programs: int, seed: int | None
) -> tuple[type[Kernel], Sequence[Scenario], int | None]:
    if target.endswith(".json") or (Path(target).is_file() and not target.endswith(".py")):
        not_with("a FILE, whose program is run", "programs", "seed")
        regression = load(Path(target))
        on = kernel_of(regression.kernel) if kernel is None else find_kernel(kernel)
        return on, [regression.scenario], None
    if kernel is not None:
        raise click.UsageError("--kernel goes with a FILE; name the kernel alone")
    try:
        on = find_kernel(target)
    except KernelError:
        if target and Path(target).is_dir():
            mend = f"{target} is a directory: name one of the files in it"
            raise click.UsageError(mend) from None
        raise
    if seed is None:
        seed = random.SystemRandom().randrange(1 << 31)
    return on, draw_programs(seed, programs), seed


Results = Sequence[tuple[Scenario, Explored]]


def claim(results: Results) -> str:
    """What all of them together may claim: the weakest claim of any."""
    ends = [explored.end for _, explored in results]
    for end in ("stopped", "bounded"):
        if end in ends:
            weakest = results[ends.index(end)][1]
            return str(weakest)
    return "exhausted"


def _size(scenario: Scenario) -> str:
    return f"{counted(len(scenario.cpus), 'CPU')}, {counted(scenario.operations, 'operation')}"


def _figures(explored: Explored) -> str:
    cut = f", {explored.cut:,} of them cut off at the step limit" if explored.cut else ""
    return f"{explored}, {counted(explored.schedules, 'schedule')}{cut}"


def _print_text(
    out: Console,
    kernel: type[Kernel],
    results: Results,
    missed: Sequence[str],
    seconds: float,
    seed: int | None,
) -> None:
    schedules = sum(explored.schedules for _, explored in results)
    with ctrl_c.interruptible():  # what was found is told, all the same
        for scenario, explored in results:
            for _, script in explored.failures.values():
                print_report(out, Report.of(kernel, record(kernel, scenario, script).scenario))
                out.print()
    for _, explored in results:
        if explored.problem is not None:
            out.print(f"nothing decided: {explored.problem}", soft_wrap=True, markup=False)
    again = "" if seed is None else f" (seed {seed})"
    kinds = sorted({kind for _, explored in results for kind in explored.failures})
    found = f"found: {', '.join(kinds)}" if kinds else "nothing found"
    if not kinds and (missed or any(explored.problem for _, explored in results)):
        found = "nothing decided"
    total = f"; {counted(schedules, 'schedule')}" if len(results) > 1 else ""
    claims = _figures(results[0][1]) if len(results) == 1 else _count(results)
    out.print(
        f"{found} on {kernel.name}: {claims}{total} in {seconds:.1f} s{again}",
        soft_wrap=True,
        markup=False,
    )
    if missed:
        never = f"never entered: {', '.join(missed)}; draw more with --programs N"
        out.print(never, soft_wrap=True, markup=False)


def _count(results: Results) -> str:
    counts = {
        end: sum(explored.end == end for _, explored in results)
        for end in ("exhausted", "bounded", "stopped")
    }
    told = ", ".join(f"{count} {end}" for end, count in counts.items() if count)
    return f"{counted(len(results), 'program')}: {told}"


def _summary(
    kernel: type[Kernel],
    results: Results,
    never: Sequence[str],
    seconds: float,
    seed: int | None,
) -> dict[str, object]:
    return {
        "kernel": kernel.name,
        "verdicts": {
            kind: str(verdict)
            for _, explored in results
            for kind, (verdict, _) in explored.failures.items()
        },
        "claim": claim(results),
        "programs": len(results),
        "schedules": sum(explored.schedules for _, explored in results),
        "cut": sum(explored.cut for _, explored in results),
        "never_entered": [*never],
        "seconds": round(seconds, 3),
        "seed": seed,
        "problem": next((str(e.problem) for _, e in results if e.problem is not None), None),
    }
