"""What other programs read."""

import json
import re
from pathlib import Path

import pytest

from fuzzcopy.bugs import catalogue
from fuzzcopy.regression import Regression
from fuzzcopy.report import Report
from fuzzcopy.report.export import as_json, chrome_trace, mermaid, shiviz

from .conftest import FILES, regression, report

# A run in circles has thousands of steps.
FILE = pytest.mark.parametrize(
    "path", [f for f in FILES if regression(f).verdict != "livelock"], ids=lambda path: path.stem
)


@pytest.fixture
def reclaim(reclaimed: Regression) -> Report:
    return Report.of(catalogue()[reclaimed.kernel], reclaimed.scenario)


@FILE
def test_json_has_every_row_and_every_change(path: Path) -> None:
    made = report(path)
    body = json.loads(as_json(made))
    assert body["verdict"] == made.outcome.kind
    assert [row["what"] for row in body["rows"]] == [row.what for row in made.film.rows]
    changes = sum(len(row.get("changes", ())) for row in body["rows"])
    assert changes == sum(len(moment.changes) for moment in made.film.moments)


@FILE
def test_a_chrome_trace_is_nested_as_it_must_be(path: Path) -> None:
    events = json.loads(chrome_trace(report(path)))["traceEvents"]
    slices: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for event in events:
        if event["ph"] == "X":
            assert event["dur"] > 0
            at = event["pid"], event["tid"]
            slices.setdefault(at, []).append((event["ts"], event["ts"] + event["dur"]))
    assert slices
    for one in slices.values():
        for a, b in one:
            for c, d in one:
                assert not a < c < b < d, "two slices of a thread overlap"


@FILE
def test_shiviz_clocks_are_vector_clocks(path: Path) -> None:
    text = shiviz(report(path))
    entries = re.findall(r"(.*)\n(\S*) ({.*})", text)
    assert len(entries) == len(report(path).film.rows)
    last: dict[str, dict[str, int]] = {}
    for _, host, clock_text in entries:
        clock = json.loads(clock_text)
        before = last.get(host, {})
        assert clock[host] == before.get(host, 0) + 1
        for other, count in clock.items():
            assert count >= before.get(other, 0)
            if other != host:
                assert count <= last[other][other], "it knows what has not happened"
        last[host] = clock


def test_a_preempting_step_that_clashes_is_ordered_after_what_it_clashes_with(
    reclaim: Report,
) -> None:
    entries = re.findall(r"(.*)\n(\S*) ({.*})", shiviz(reclaim))
    assert any("cpu0" in json.loads(clock) for _, host, clock in entries if host == "cpu1")


@FILE
def test_a_mermaid_diagram_has_one_statement_per_line(path: Path) -> None:
    lines = mermaid(report(path)).splitlines()
    assert lines[0] == "sequenceDiagram"
    statement = re.compile(
        r"  (participant \w+|%% .*|Note (over|right of) \w+(,\w+)?: [^;]+|\w+-\)\w+: [^;]+)"
    )
    for line in lines[1:]:
        assert statement.fullmatch(line), line


def test_who_waits_points_at_who_has_it(reclaim: Report) -> None:
    assert "  cpu0-)cpu0: waits for page lock f0:0 (cpu0 has it)" in mermaid(reclaim)
