"""The least number of preemptions."""

from pathlib import Path

import pytest

from fuzzcopy.regression import kernel_of, load
from fuzzcopy.regression.format import Regression, RegressionError, parse
from fuzzcopy.runner import minimise, run

REGRESSIONS = Path(__file__).parents[2] / "regressions"


def failure(name):
    (path,) = REGRESSIONS.glob(f"{name}-*.json")
    regression = load(path)
    kernel = kernel_of(regression.kernel)
    return kernel, run(kernel, regression.scenario)


@pytest.mark.parametrize(("name", "preemptions"), [("sleeping-copy", 0), ("dirty-cow", 1)])
def test_a_shrunk_failure_is_shown_to_be_minimal(name, preemptions):
    kernel, outcome = failure(name)
    assert outcome.preemptions == preemptions
    least, minimal = minimise(kernel, outcome)
    assert minimal is True
    assert (least.kind, least.preemptions) == (outcome.kind, preemptions)


def test_what_was_not_explored_is_not_claimed():
    kernel, outcome = failure("dirty-cow")
    least, minimal = minimise(kernel, outcome, schedules=3)
    assert minimal is None
    assert least is outcome


def test_a_regression_keeps_it_and_an_old_file_has_none():
    _, outcome = failure("sleeping-copy")
    for minimal in (True, 0, 2, None):
        written = Regression.of(outcome, minimal=minimal).to_json()
        read = parse(written).minimal
        assert read == minimal
        assert type(read) is type(minimal)
    old = written.replace(b',\n "minimal": null', b"")
    assert old != written
    assert parse(old).minimal is None
    with pytest.raises(RegressionError, match="minimal"):
        parse(written.replace(b'"minimal": null', b'"minimal": false'))
