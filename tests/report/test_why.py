"""The nearest schedule that passes."""

import re
from pathlib import Path

import pytest
from msgspec.structs import replace

from fuzzcopy.bugs import catalogue
from fuzzcopy.regression import Regression
from fuzzcopy.report import Report, plain_timeline
from fuzzcopy.report.why import RUNS, because, why
from fuzzcopy.runner import find_failure, record, run
from fuzzcopy.scenario import Actors
from fuzzcopy.sched import RandomWalk

from .conftest import FILES, report

FILE = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


@pytest.fixture
def reclaim(reclaimed: Regression) -> Report:
    return Report.of(catalogue()[reclaimed.kernel], reclaimed.scenario)


@FILE
def test_the_neighbour_passes_and_differs_in_one_deviation(path: Path) -> None:
    failing = report(path)
    near = why(failing)
    if near is None:
        return
    passing = near.passing.outcome.scenario
    assert run(failing.kernel, passing).verdict is None
    ours, theirs = set(failing.outcome.scenario.schedule), set(passing.schedule)
    assert len(ours - theirs) <= 1
    assert len(theirs - ours) <= 1


@FILE
def test_they_part_where_it_says(path: Path) -> None:
    near = why(report(path))
    if near is None:
        return
    rows = [[(r.who, r.what) for r in film.rows] for film in (report(path).film, near.passing.film)]
    assert rows[0][: near.parted] == rows[1][: near.parted]
    assert rows[0][near.parted : near.parted + 1] != rows[1][near.parted : near.parted + 1]


def test_the_sentence_says_what_must_come_between_what(reclaim: Report) -> None:
    near = why(reclaim)
    assert near is not None
    text = near.sentence
    assert text.startswith("fails only if cpu1, in reclaim(f0:0), comes to ")
    assert " after cpu0's " in text
    assert " and before its " in text
    # What CPU 1 does in between is done to what CPU 0 looks at next.
    film = reclaim.film
    does, after, meets = map(int, re.findall(r"step (\d+)", text))
    assert after < does < meets
    assert film.rows[does].who == "cpu1"
    assert film.rows[meets].who == "cpu0"
    assert film.moments[does].obj == film.moments[meets].obj


def test_an_actor_is_in_no_operation(reclaimed: Regression) -> None:
    kernel = catalogue()[reclaimed.kernel]
    alone = replace(
        reclaimed.scenario,
        cpus=reclaimed.scenario.cpus[:1],
        actors=Actors(kswapd=1),
        schedule=(),
    )
    found = find_failure(kernel, alone, map(RandomWalk, range(300)))
    assert found is not None
    near = why(Report.of(kernel, record(kernel, alone, found.policy).scenario))
    assert near is not None
    assert near.sentence.startswith("fails only if kswapd comes to ")


def test_a_failure_that_needs_no_schedule_says_so(self_deadlock: Regression) -> None:
    alone = Report.of(catalogue()[self_deadlock.kernel], self_deadlock.scenario)
    assert why(alone) is None
    assert "nothing has to come in between" in because(alone, None)
    assert "nothing has to come in between" in plain_timeline(alone)


def test_what_has_no_near_neighbour_says_how_many_were_tried(reclaim: Report) -> None:
    assert f"{RUNS} tried" in because(reclaim, None)


def test_a_run_that_passes_needs_no_reason(self_deadlock: Regression) -> None:
    assert why(Report.of(catalogue()["uptodate-too-early"], self_deadlock.scenario)) is None


@FILE
def test_what_comes_in_between_is_somebody_else_s_doing(path: Path) -> None:
    near = why(report(path))
    found = near and re.search(r"comes to .*?step (\d+).* before .*?step (\d+)", near.sentence)
    if found:
        rows = report(path).film.rows
        does, meets = (rows[int(step)] for step in found.groups())
        assert does.who != meets.who
        assert does.number < meets.number
