"""``fuzzcopy locks --swaps``: a kernel one path of which takes two locks the other way."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import get_args

from rich.console import Console

from fuzzcopy.cli.stdout import SO_FAR
from fuzzcopy.counted import counted, sampled
from fuzzcopy.fuzz.swaps import Decided, Fate, decide, fails_as_it_is, swaps
from fuzzcopy.kernel import Kernel
from fuzzcopy.regression import Regression
from fuzzcopy.regression.store import save_bytes
from fuzzcopy.report import headline
from fuzzcopy.sched import ctrl_c

Tried = list[tuple[Decided, Path | None]]
"""What came of each swap, and the file that it was saved in."""


def try_swaps(
    kernel: type[Kernel], directory: Path | None, preemptions: int | None, out: Console | None
) -> tuple[Tried | None, bool]:
    """Decide every swap, printing each as it is decided; ``None`` if the kernel fails without any.

    And whether Ctrl-C came before the last one was. Raises :class:`RegressionError` if a failure
    cannot be saved in ``directory``.
    """
    tried: Tried = []
    with ctrl_c.interruptible() as work:
        failure = fails_as_it_is(kernel)
        if failure is not None:
            if out is not None:
                why = f"{kernel.name} fails in the documented orders already: {headline(failure)}"
                out.print(f"\nno swap was tried: {why}", soft_wrap=True, markup=False)
            return None, False
        if out is not None:
            out.print("\nswaps, each in one path alone:")
        for swap in swaps():
            decided = decide(kernel, swap, preemptions=preemptions)
            path = None
            if decided.outcome is not None and directory is not None:
                path = _save(decided, directory)
            tried.append((decided, path))
            if out is not None:
                _print(out, decided, path)
    if out is not None:
        if work.interrupted:
            out.print(SO_FAR)
        _print_sum(out, [decided for decided, _ in tried], preemptions)
    return tried, work.interrupted


def _save(decided: Decided, directory: Path) -> Path:
    assert decided.outcome is not None
    regression = Regression.of(decided.outcome, expect="fails")
    return save_bytes(regression.to_json(), directory, f"{decided.swap} {decided.outcome.kind}")


def _print(out: Console, decided: Decided, path: Path | None) -> None:
    out.print(f"{decided.swap!s:<40}{decided.fate}", soft_wrap=True, markup=False)
    outcome = decided.outcome
    if outcome is None:
        if decided.swap.reason:
            out.print(f"    {decided.swap.reason}", soft_wrap=True, markup=False)
        for inversion in decided.unconfirmed:
            out.print(f"    predicted, not confirmed: {inversion}", soft_wrap=True, markup=False)
        return
    programs = " | ".join("; ".join(map(str, cpu.program)) for cpu in outcome.scenario.cpus)
    out.print(f"    {programs}: {outcome.verdict}", soft_wrap=True, markup=False)
    if path is not None:
        out.print(f"    saved: {path}", soft_wrap=True, markup=False)


def _print_sum(out: Console, decided: list[Decided], preemptions: int | None) -> None:
    counts = Counter(each.fate for each in decided)
    told = ", ".join(f"{counts[fate]} {fate}" for fate in get_args(Fate))
    programs, schedules = (sum(getattr(d, n) for d in decided) for n in ("programs", "schedules"))
    out.print(
        f"\n{counted(len(decided), 'swap')}: {told} ({sampled(schedules, programs)})",
        soft_wrap=True,
    )
    bound = f" with at most {counted(preemptions, 'preemption')}" if preemptions is not None else ""
    out.print(
        f"safe: whatever operations hold and want contradicts nothing that could be made to hang, "
        f"and every schedule{bound} passes of two CPUs with one operation each on a file of one "
        f"page, one of which takes its locks in the order swapped",
        soft_wrap=True,
    )


def swap_data(decided: Decided, path: Path | None) -> dict[str, object]:
    """A swap for JSON."""
    swap, outcome = decided.swap, decided.outcome
    return {
        "path": swap.path,
        "outer": swap.outer,
        "inner": swap.inner,
        "swap": str(swap),
        "fate": decided.fate,
        "reason": swap.reason or None,
        "verdict": outcome.kind if outcome else None,
        "message": str(outcome.verdict) if outcome else None,
        "regression": str(path) if path else None,
        "unconfirmed": [list(inversion.kinds) for inversion in decided.unconfirmed],
        "schedules": decided.schedules,
        "programs": decided.programs,
        "unfinished": decided.unfinished,
    }
