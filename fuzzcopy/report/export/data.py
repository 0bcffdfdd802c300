"""JSON: everything that the other reports are made of."""

from __future__ import annotations

import json

from fuzzcopy.report.explain import explain
from fuzzcopy.report.facts import Change, Value, spans_of
from fuzzcopy.report.film import Film
from fuzzcopy.report.paths import short_paths
from fuzzcopy.report.report import Report
from fuzzcopy.report.timeline import headline
from fuzzcopy.report.why import because, why


def as_json(report: Report) -> str:
    """One object; ``rows`` are the steps in their order, each with the facts that it changed."""
    outcome, film = report.outcome, report.film
    near = why(report)
    passes = near and {"parted": near.parted, "rows": _rows(near.passing.film)}
    body = {
        "format": "fuzzcopy report",
        "version": 1,
        "headline": headline(outcome),
        "kernel": outcome.kernel,
        "verdict": outcome.kind,
        "message": str(outcome.verdict or outcome.problem or ""),
        "explanation": explain(report),
        "why": because(report, near) if outcome.verdict else None,
        "passes": passes,
        "swapped": [{"step": at, "who": who, **swap._asdict()} for at, who, swap in report.swaps()],
        "tasks": report.tasks,
        "initial": [
            {"kind": kind, "name": name, "value": _said(film, value)}
            for (kind, name), value in film.initial.items()
        ],
        "rows": _rows(film),
    }
    return json.dumps(body, indent=1) + "\n"


def _rows(film: Film) -> list[dict[str, object]]:
    rows = []
    for row, moment in zip(film.rows, film.moments, strict=True):
        one: dict[str, object] = {"step": row.number, "who": row.who, "what": row.what}
        if moment.stack:
            code, line = moment.stack[-1]
            one["where"] = [film.paths.name(code) for code, _ in moment.stack]
            one["at"] = f"{short_paths(code.co_filename)}:{line}"
        if row.deviates:
            one["deviates"] = "preempts" if row.preempts else "not the default"
        if moment.changes:
            one["changes"] = [_change(film, change) for change in moment.changes]
        if moment.told:
            one["told"] = moment.words
        rows.append(one)
    return rows


def _change(film: Film, change: Change) -> dict[str, object]:
    (kind, name), old, new = change
    return {"kind": kind, "name": name, "old": _said(film, old), "new": _said(film, new)}


def _said(film: Film, value: Value | None) -> object:
    """Bytes by their origins: from byte to byte, and what they are."""
    if isinstance(value, tuple):
        return [list(span) for span in spans_of(value, film.origins)]
    return value
