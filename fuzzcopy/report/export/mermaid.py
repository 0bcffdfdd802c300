"""A sequence diagram in Mermaid's language, which pull requests show."""

from __future__ import annotations

from fuzzcopy.report.fold import LEVELS, Line, folded
from fuzzcopy.report.report import Report
from fuzzcopy.report.timeline import headline
from fuzzcopy.report.why import because, why

_HARDWARE = "hardware"


def mermaid(report: Report) -> str:
    """One note per line of the timeline; a wait is an arrow to who has what is waited for."""
    tasks = report.tasks
    lines = ["sequenceDiagram", f"  %% {_clean(headline(report.outcome))}"]
    lines += [f"  participant {task}" for task in tasks]
    rows = folded(report.film, LEVELS[-3])
    if any(not line.who for line in rows):
        lines.append(f"  participant {_HARDWARE}")
    for line in rows:
        lines += _drawn(line, tasks)
    everybody = f"{tasks[0]},{tasks[-1]}" if len(tasks) > 1 else tasks[0]
    if report.outcome.verdict is not None:
        verdict = f"{report.outcome.kind}: {report.outcome.verdict}"
        lines.append(f"  Note over {everybody}: {_clean(verdict)}")
        lines.append(f"  Note over {everybody}: {_clean(because(report, why(report)))}")
    return "\n".join(lines) + "\n"


def _drawn(line: Line, tasks: list[str]) -> list[str]:
    who = line.who or _HARDWARE
    mark = f"({line.mark}) " if line.mark else ""
    drawn = []
    for text in line.texts:
        holder = text.partition(" (")[2].partition(" ")[0]
        if text.startswith("waits for ") and holder in tasks:
            drawn.append(f"  {who}-){holder}: {_clean(text)}")
        else:
            drawn.append(f"  Note over {who}: {_clean(f'{line.low}: {mark}{text}')}")
        mark = ""
    if line.changes:
        drawn.append(f"  Note right of {who}: {_clean(', '.join(line.changes))}")
    return drawn


def _clean(text: str) -> str:
    """Without what Mermaid takes for the end of a statement or for an entity."""
    return text.replace("#", "#35;").replace(";", ",").replace("#35,", "#35;").replace("\n", " ")
