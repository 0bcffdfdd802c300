"""The throughput benchmark runs and says what it should. How fast is not tested."""

from __future__ import annotations

import json
import sys

import pytest
from click.testing import CliRunner

from benchmarks import measure
from benchmarks.__main__ import main
from benchmarks.measure import Batch, Facts, Slice, Timing, interleaved
from benchmarks.subjects.floor import FloorSubject


class Counting:
    """A subject that only counts its batches."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.batches = 0

    def facts(self) -> Facts:
        return Facts(tasks=1, points=1, steps=1, switches=0, together=1)

    def batch(self) -> Batch:
        self.batches += 1
        return Batch(1, 1)


@pytest.fixture
def short_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measure, "SLICE", 1e-6)


@pytest.mark.usefixtures("short_slices")
def test_slices_are_interleaved_and_at_least_three() -> None:
    one, other = Counting("one"), Counting("other")
    timing = interleaved([one, other], seconds=0)
    assert {name: len(slices) for name, slices in timing.slices.items()} == {"one": 3, "other": 3}
    assert one.batches >= 4
    assert other.batches >= 4


def test_figures_are_medians_and_ratios_are_paired() -> None:
    timing = Timing(
        {
            # The second round was slow for both: the ratio does not notice.
            "one": [Slice(200, 20), Slice(20, 2), Slice(300, 30)],
            "other": [Slice(100, 40), Slice(10, 4), Slice(100, 40)],
        },
        share=1,
    )
    assert timing.figures("one")["schedules_per_second"] == 200
    assert timing.figures("other")["steps_per_second"] == 40
    assert timing.ratio("one", "other") == {"schedules": 2, "steps": 0.5}


@pytest.mark.parametrize(("tasks", "passes"), [(1, 5), (2, 1), (3, 0), (3, 200), (3, 201)])
def test_the_floor_ends(tasks: int, passes: int) -> None:
    assert FloorSubject(tasks=tasks, passes=passes).batch().steps == 20 * passes


@pytest.mark.slow
@pytest.mark.usefixtures("short_slices")
def test_the_last_line_on_stdout_is_one_object() -> None:
    pytest.importorskip("detangle")
    result = CliRunner().invoke(main, ["throughput", "--seconds", "0"], catch_exceptions=False)
    assert result.exit_code == 0
    report = json.loads(result.stdout.splitlines()[-1])
    subjects = {"kernel_default", "kernel_spine", "sched_pct", "trio_floor", "detangle_auto"}
    assert subjects <= set(report["subjects"])
    for figures in report["subjects"].values():
        assert figures["n"] == 3
        assert 150 < figures["steps"] < 350
        assert figures["schedules_per_second"] > 0
    assert report["ratios"]["kernel_default/detangle_auto"]["steps"] > 0


def test_without_detangle_one_line_says_the_mend(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "detangle", None)
    monkeypatch.delitem(sys.modules, "benchmarks.subjects.detangle_peer", raising=False)
    result = CliRunner().invoke(main, ["throughput"])
    assert result.exit_code == 2
    assert result.stderr.splitlines() == [
        "Error: the peer to compare with is missing: pip install detangle"
    ]
