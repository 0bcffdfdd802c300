"""What holds for the report of every file in ``regressions/``."""

from pathlib import Path

import pytest

from fuzzcopy.bugs import catalogue
from fuzzcopy.report import plain_timeline, timeline

from .conftest import FILES, regression, report

FILE = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
FAILING = pytest.mark.parametrize(
    "path", [path for path in FILES if regression(path).kernel in catalogue()], ids=lambda p: p.stem
)


@FILE
def test_a_film_is_the_same_trace(path: Path) -> None:
    film = report(path).film
    assert len(film.moments) == len(film.rows)
    if report(path).outcome.kind is not None:
        assert film.digest() == regression(path).digest


def _fits(path: Path, width: int) -> bool:
    """All but the headline and the verdict, which are one line each, to be searched for."""
    kind = report(path).outcome.kind or "nothing wrong"
    lines = plain_timeline(report(path), width=width).splitlines()
    assert lines[0].startswith(f"{kind} on {report(path).outcome.kernel}: ")
    assert len(lines) <= 40
    rows = [line for line in lines[1:] if not line.startswith(f"{kind}: ")]
    assert len(rows) in (len(lines) - 1, len(lines) - 2)
    return max(map(len, rows)) <= width


@FILE
def test_the_report_fits_a_terminal(path: Path) -> None:
    assert _fits(path, 100)


@FILE
def test_it_can_be_read_at_eighty_columns(path: Path) -> None:
    assert _fits(path, 80)


@FAILING
def test_it_names_the_swapped_line_of_the_path(path: Path) -> None:
    bug = catalogue()[regression(path).kernel]
    swaps = [swap for _, _, swap in report(path).swaps()]
    own = bug.__module__.replace(".", "/") + ".py"
    assert own in {swap.file for swap in swaps}
    text = " ".join(plain_timeline(report(path), width=100).split())
    for swap in swaps[-3:]:
        source = (Path(__file__).parents[2] / swap.file).read_text().splitlines()
        assert source[swap.line - 1].strip() == swap.text
        assert f"{swap.file}:{swap.line}" in text


def test_a_long_story_loses_its_middle_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeline, "ROWS", 20)
    assert any("rows left out (--all)" in plain_timeline(report(path)) for path in FILES)


@FILE
def test_every_deviation_is_marked_where_it_takes_effect(path: Path) -> None:
    outcome = report(path).outcome
    text = plain_timeline(report(path), width=100)
    assert text.count("> preempts") == outcome.preemptions


@FILE
def test_what_was_so_at_the_end_is_what_the_changes_add_up_to(path: Path) -> None:
    film = report(path).film
    state = dict(film.initial)
    for moment in film.moments:
        for key, old, new in moment.changes:
            assert state.get(key) == old
            if new is None:
                del state[key]
            else:
                state[key] = new
    assert state == film.state(len(film.rows) - 1)
