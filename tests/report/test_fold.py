"""Rows folded into what matters."""

import inspect
from itertools import pairwise

import pytest
from msgspec.structs import replace

from fuzzcopy.kernel import Kernel
from fuzzcopy.report import Report
from fuzzcopy.report.film import Film
from fuzzcopy.report.fold import LEVELS, Line, _without_repetition, folded, unfolded
from fuzzcopy.report.timeline import scenario_lines
from fuzzcopy.report.words import UNSAID, WORDS
from fuzzcopy.runner import Trace
from fuzzcopy.scenario import (
    CpuSpec,
    FaultPlan,
    FileSpec,
    Fsync,
    MappingSpec,
    Read,
    Scenario,
    Segment,
    SpaceSpec,
    Switch,
    Write,
)
from fuzzcopy.world import WorldWatcher

from .conftest import FILES, report

SCENE = Scenario(
    cpus=(
        CpuSpec((Write(0, 0, (Segment(0, 0, 16),)),)),
        CpuSpec((Read(0, 0, (Segment(1, 0, 16),)), Fsync(0))),
    ),
    files=(FileSpec(16, ("clean",)),),
    spaces=(SpaceSpec((MappingSpec(0, 1), MappingSpec(1, 1))),),
    schedule=(Switch("cpu0", "mem.write frame0", 1, run="cpu1"),),
)


def _lines(level: int) -> list[Line]:
    return folded(Report.of(Kernel, SCENE).film, LEVELS[level])


def test_every_row_is_in_exactly_one_line() -> None:
    report = Report.of(Kernel, SCENE)
    for level in LEVELS:
        lines = folded(report.film, level)
        assert lines[-1].high == len(report.film.rows) - 1
        for before, after in pairwise(lines):
            assert before.low <= before.high < after.low


def test_whose_memory_is_whose_is_said_if_there_is_a_choice() -> None:
    assert not any(line.startswith("cpu0 in") for line in scenario_lines(SCENE))
    two = replace(
        SCENE,
        cpus=(SCENE.cpus[0], replace(SCENE.cpus[1], space=1)),
        spaces=(*SCENE.spaces, SpaceSpec((MappingSpec(1, 1),))),
    )
    assert "cpu0 in mm0, cpu1 in mm1" in scenario_lines(two)


def test_unfolded_has_a_line_per_row() -> None:
    film = Report.of(Kernel, SCENE).film
    assert [line.low for line in unfolded(film)] == [row.number for row in film.rows]


def test_coarser_is_never_more() -> None:
    counts = [len(_lines(level)) for level in range(len(LEVELS))]
    assert counts[-1] < counts[0]


def test_a_line_says_what_begins_and_what_it_returns() -> None:
    said = "\n".join("; ".join(line.texts) for line in _lines(-1))
    assert "write(f0, 0, [m0+0:16])" in said
    assert "read(f0, 0, [m1+0:16]); " in said
    assert "returns 16" in said


def test_a_step_is_named_if_its_order_with_another_cpu_s_matters() -> None:
    texts = [text for line in _lines(0) for text in line.texts]
    assert any("mem.write frame0" in text for text in texts)
    assert not any("vma.find" in text for text in texts), "only read, by both"


def test_the_preemption_is_marked_once() -> None:
    for level in range(len(LEVELS)):
        marks = [line.mark for line in _lines(level) if line.mark]
        assert marks == ["preempts"]


def test_a_loop_is_one_turn_and_how_often_it_goes_on() -> None:
    def line(at: int, text: str) -> Line:
        return Line(at, at, "cpu0", "", [text], [])

    turns = [line(i, "ab"[i % 2]) for i in range(20)]
    lines = list(_without_repetition([line(-1, "x"), *turns, line(20, "y")]))
    assert [one.texts[0] for one in lines] == ["x", "a", "b", "the same again, 9 times", "y"]
    assert (lines[3].low, lines[3].high) == (2, 19)


def test_what_happens_only_twice_is_no_loop() -> None:
    lines = [Line(i, i, "cpu0", "", ["abab"[i]], []) for i in range(4)]
    assert list(_without_repetition(lines)) == lines


def test_every_event_is_a_fact_or_put_into_words_or_needs_none() -> None:
    for name in dir(WorldWatcher):
        if not name.startswith("_"):
            handled = getattr(Film, name) is not getattr(Trace, name)
            assert handled is not (name in UNSAID), name
    assert set(WORDS).isdisjoint(UNSAID)


def test_the_words_take_what_the_event_has() -> None:
    for name, words in WORDS.items():
        event = list(inspect.signature(getattr(WorldWatcher, name)).parameters)[1:]
        assert list(inspect.signature(words).parameters) == event


def test_an_event_is_told_once_even_where_the_trace_notes_it_too() -> None:
    lines = [line for path in FILES for line in unfolded(report(path).film)]
    counts = [sum(" interrupts cpu" in text for text in line.changes) for line in lines]
    assert max(counts) == 1


def test_nothing_is_said_of_what_only_exploration_wants_to_know() -> None:
    film = Report.of(Kernel, SCENE).film
    for lines in (unfolded(film), folded(film, LEVELS[0])):
        assert not any("touches" in text for line in lines for text in line.changes)


@pytest.mark.slow
def test_no_row_is_empty() -> None:
    for path in FILES:
        for level in LEVELS:
            assert all(any(line.texts) for line in folded(report(path).film, level))


@pytest.mark.slow
def test_a_run_in_circles_is_cut_into_its_turns() -> None:
    for path in FILES:
        made = report(path)
        if made.outcome.kind == "livelock":
            for level in LEVELS:
                lines = folded(made.film, level)
                (loop,) = [line for line in lines if "the same again" in line.texts[0]]
                assert loop.high - loop.low > 3_000


def test_reads_that_fail_are_counted() -> None:
    twice = replace(SCENE, faults=FaultPlan(errors=(("read", 0, 0), ("read", 0, 0))))
    assert "the first 2 reads of f0:0 fail" in scenario_lines(twice)
    once = replace(SCENE, faults=FaultPlan(errors=(("write", 0, 0),)))
    assert "the first write of f0:0 fails" in scenario_lines(once)
