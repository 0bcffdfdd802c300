"""Predicted lock-order inversions, as the commands tell them."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console

from fuzzcopy.fuzz import Confirmation
from fuzzcopy.report import short_paths
from fuzzcopy.runner import Outcome


def print_predictions(
    out: Console, predictions: Sequence[Confirmation], *, brief: str = ""
) -> None:
    """Every prediction with its chains, and what came of trying it.

    After a find, those that were not confirmed are no news: they take a line each if ``brief``,
    which is the command that tells the rest.
    """
    passed_over = [p for p in predictions if brief and p.outcome is None]
    if passed_over:
        out.print()
    for prediction in passed_over:
        text = f"predicted: {prediction.inversion}: {prediction}"
        out.print(text, soft_wrap=True, markup=False)
    if passed_over:
        out.print(f"who holds what there: {brief}", soft_wrap=True, markup=False)
    for prediction in predictions:
        if prediction in passed_over:
            continue
        out.print(f"\npredicted: {prediction.inversion}", soft_wrap=True, markup=False)
        for line in prediction.inversion.chains():
            out.print(f"  {short_paths(line)}", soft_wrap=True, markup=False)
        out.print(f"  {prediction}", soft_wrap=True, markup=False)
        if prediction.outcome is not None:
            out.print(f"  {_told(prediction.outcome)}", soft_wrap=True, markup=False)
        if prediction.other is not None:
            other = f"met on the way, not as predicted: {_told(prediction.other)}"
            out.print(f"  {other}", soft_wrap=True, markup=False)


def _told(outcome: Outcome) -> str:
    programs = " | ".join("; ".join(map(str, cpu.program)) for cpu in outcome.scenario.cpus)
    return f"{programs}: {outcome.kind}: {outcome.verdict}"


def prediction_data(prediction: Confirmation) -> dict[str, object]:
    """A prediction for JSON."""
    return {
        "cycle": list(prediction.inversion.kinds),
        "chains": prediction.inversion.chains(),
        "confirmed": prediction.outcome is not None,
        "other": str(prediction.other.verdict) if prediction.other else None,
        "schedules": prediction.schedules,
        "programs": prediction.programs,
    }
