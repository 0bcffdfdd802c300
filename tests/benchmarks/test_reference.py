"""`python -m benchmarks reference`: whether it can tell silence from doing nothing."""

import pytest

from benchmarks import reference
from benchmarks.reference import Report
from fuzzcopy.bugs import catalogue


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reference, "ROUND", 6)


def test_a_round_counts_what_happened_and_which_lines_ran() -> None:
    report = reference._round((1, True))
    assert report.failure is None
    assert report.programs == 6
    assert report.covered == report.schedules > 6
    assert report.counts["operation", "write"] > 0
    never = reference._never_ran(report.ran)
    assert 0 < len(never["fault.py"]) < len(reference._never_ran({})["fault.py"])


def test_what_the_reference_kernel_does_not_use_is_no_part_of_it() -> None:
    never = reference._never_ran({})
    assert "write.py" in never
    assert "page.py" in never
    assert "two_copy.py" not in never


def test_a_kernel_that_is_not_silent_is_told_with_its_timeline(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reference, "Kernel", catalogue()["sleeping-copy"])
    monkeypatch.setattr(reference, "ROUND", 60)
    report = reference._round((1, False))
    assert report.failure is not None
    assert report.failure.startswith("deadlock on sleeping-copy")
    assert "waits for page lock" in report.timeline


def test_rounds_add_up() -> None:
    total = Report()
    for seed in (1, 2):
        total.add(reference._round((seed, False)))
    assert total.programs == 12
    assert total.counts["operation", "write"] > 0
