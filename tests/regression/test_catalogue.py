"""``regressions/``: every bug of the catalogue has a shrunk failure there, and it still fails."""

from pathlib import Path

import pytest

from fuzzcopy.bugs import catalogue
from fuzzcopy.designs import designs
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


def test_everything_else_recorded_is_mended_in_the_reference_or_a_design() -> None:
    others = [r for r in map(load, FOLDER.glob("*.json")) if r.kernel not in catalogue()]
    assert {r.kernel for r in others} <= {*designs(), "reference"}
    assert all(r.expect == "passes" for r in others)


# Those of the mutants fail on kernels that are made for them, and pass on all that have a name.
EXPLORED = [path for path in sorted(FOLDER.rglob("*.json")) if path.parent.name != "mutants"]


@pytest.mark.parametrize("path", EXPLORED, ids=lambda path: path.stem)
def test_every_file_says_that_its_preemptions_are_the_fewest_or_up_to_where(path: Path) -> None:
    assert load(path).minimal is not None, f"explore it: fuzzcopy replay --record {path}"
