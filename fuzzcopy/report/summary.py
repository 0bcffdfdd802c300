"""Failures as Markdown: for the summary page of a job."""

from __future__ import annotations

from fuzzcopy.report.export import mermaid
from fuzzcopy.report.report import Report
from fuzzcopy.report.timeline import headline, plain_timeline


def markdown(report: Report, test: str) -> str:
    """A failure as a folded section: its timeline and its sequence diagram."""
    title = f"{test}: {headline(report.outcome)}"
    title = title.replace("&", "&amp;").replace("<", "&lt;")
    return (
        f"<details><summary>{title}</summary>\n\n"
        f"{_fenced('text', plain_timeline(report))}\n"
        f"{_fenced('mermaid', mermaid(report))}\n</details>\n"
    )


def _fenced(language: str, text: str) -> str:
    # Longer than any fence inside.
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}{language}\n{text.rstrip()}\n{fence}\n"
