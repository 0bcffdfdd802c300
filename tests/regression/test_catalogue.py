"""``regressions/``: every bug of the catalogue has a shrunk failure there, and it still fails."""

from pathlib import Path

import pytest

from fuzzcopy.bugs import catalogue
from fuzzcopy.regression import Regression, load, replay

FOLDER = Path(__file__).parents[2] / "regressions"


def _recorded(name: str) -> list[Regression]:
    files = [load(path) for path in sorted(FOLDER.glob("*.json"))]
    return [regression for regression in files if regression.kernel == name]


@pytest.mark.parametrize("name", catalogue())
def test_every_bug_has_a_failure_that_replays_exactly(name: str) -> None:
    recorded = _recorded(name)
    assert recorded, f"record one: fuzzcopy fuzz {name}"
    for regression in recorded:
        result = replay(catalogue()[name], regression)
        assert result.word == "reproduced"
        assert result.same_trace, "the kernel has changed: fuzzcopy replay --record regressions"


@pytest.mark.parametrize("name", catalogue())
def test_what_is_recorded_is_the_bug_at_its_smallest(name: str) -> None:
    bug = catalogue()[name]
    for regression in _recorded(name):
        assert regression.verdict in bug.verdicts
        assert regression.expect == "fails"
        outcome = replay(bug, regression).outcome
        found = len(outcome.scenario.cpus), outcome.scenario.operations, outcome.preemptions
        assert found <= bug.smallest


def test_everything_recorded_belongs_to_the_catalogue_or_is_mended_in_the_reference() -> None:
    recorded = [load(path) for path in FOLDER.glob("*.json")]
    assert {r.kernel for r in recorded} <= {*catalogue(), "reference"}
    assert all(r.expect == "passes" for r in recorded if r.kernel == "reference")


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda path: path.stem)
def test_every_file_says_that_its_preemptions_are_the_fewest_or_up_to_where(path: Path) -> None:
    assert load(path).minimal is not None, f"explore it: fuzzcopy replay --record {path}"
