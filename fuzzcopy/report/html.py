"""A failure as one page: lanes to step through, the state at every step, the run that passes."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, Template

from fuzzcopy.places import check_page, put
from fuzzcopy.report.explain import explain
from fuzzcopy.report.facts import Change, Key, State, Value, net, spans_of
from fuzzcopy.report.fold import LEVELS, Line, folded, mark, meetings, unfolded
from fuzzcopy.report.gutter import Gutter
from fuzzcopy.report.paths import short_paths
from fuzzcopy.report.report import Report
from fuzzcopy.report.timeline import headline, scenario_lines
from fuzzcopy.report.why import because, why

ROW = 22
"""Pixels per row, as in the style sheet."""

LANE = 14
BAR = 8

MOST = 1_000
"""Rows of a run that are on the page; a longer run, which is a loop, loses its middle."""

HEADINGS = {
    "page": "Page cache",
    "entry": "Page tables",
    "tlb": "TLBs",
    "lock": "Locks held",
    "file": "Files",
    "extent": "Extents",
    "mapping": "Mappings",
    "frame": "Frames in use",
    "bytes": "Bytes of frames",
    "disk": "Blocks on disk",
    "cpu": "CPUs",
}


def page(report: Report) -> str:
    """The HTML of a report: one file, nothing fetched from anywhere."""
    near = why(report)
    tables = _Tables(report)
    runs = [_Run(report, "fails" if report.outcome.verdict else "is on file", tables)]
    if near is not None:
        runs.append(_Run(near.passing, "passes", tables, parted=near.parted))
    data = {
        "keys": list(tables.keys),
        "values": list(tables.values),
        "places": list(tables.places),
        "kinds": list(HEADINGS.items()),
        "runs": [run.data for run in runs],
        # Where the runs part, or else where it ends.
        "begin": runs[0].row_of(near.parted if near is not None else len(report.film.rows)),
    }
    outcome = report.outcome
    return _template().render(
        headline=headline(outcome),
        kind=outcome.kind,
        message=str(outcome.verdict or outcome.problem or "nothing wrong"),
        explanation=[*explain(report), because(report, near)] if outcome.verdict else [],
        setting=[*scenario_lines(outcome.scenario), *_programs(report)],
        runs=runs,
        css=_text("page.css"),
        js=_text("page.js"),
        # Inside a script element nothing but its end tag ends it.
        data=json.dumps(data, separators=(",", ":")).replace("<", "\\u003c"),
    )


def write_page(report: Report, path: Path) -> None:
    """Put the page there. Raises ``OSError``, also if something else than such a page is there."""
    check_page(path)
    put(path, page(report).encode())


@cache
def _template() -> Template:
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(_text("page.html.jinja"))


def _text(name: str) -> str:
    return (files("fuzzcopy.report") / "page" / name).read_text("utf-8")


def _programs(report: Report) -> Iterable[str]:
    for i, cpu in enumerate(report.outcome.scenario.cpus):
        warm = ", its TLB full from before" if cpu.warm else ""
        yield f"cpu{i} in mm{cpu.space}{warm}: {'; '.join(map(str, cpu.program))}"


class _Tables:
    """Texts that come often, by number: the page is small because each is there once."""

    def __init__(self, report: Report) -> None:
        self.keys: dict[Key, int] = {}
        self.values: dict[str, int] = {}
        self.places: dict[str, int] = {}
        self._origins = report.film.origins
        self._texts: dict[Value, str] = {}

    def key(self, key: Key) -> int:
        return self.keys.setdefault(key, len(self.keys))

    def place(self, text: str) -> int:
        return self.places.setdefault(text, len(self.places)) if text else -1

    def value(self, value: Value | None) -> int:
        if value is None:
            return -1
        text = self._texts.get(value)
        if text is None:
            text = self._texts[value] = self._say(value)
        return self.values.setdefault(text, len(self.values))

    def _say(self, value: Value) -> str:
        if isinstance(value, str):
            return value
        spans = spans_of(value, self._origins)
        return "; ".join(f"{low}-{high - 1} {text}" for low, high, text in spans)


@dataclass(slots=True)
class _Row:
    """One line of the list."""

    number: int
    who: str
    what: str
    where: str
    mark: str
    kinds: str
    colour: int | None


@dataclass(slots=True)
class _Bar:
    path: str
    colour: int
    title: str


@dataclass(slots=True)
class _Lane:
    busy: str
    idle: str


class _Run:
    """What the template needs to know of one run."""

    def __init__(
        self, report: Report, title: str, tables: _Tables, *, parted: int | None = None
    ) -> None:
        self.title = title
        self.tasks = report.tasks
        self.parted = parted
        self._film = film = report.film
        self._shown = _shown(len(film.rows))
        lines = unfolded(film)
        gutter = Gutter(film, folded(film, LEVELS[0]), self.tasks)
        self.legend = gutter.legend
        self.letters = [(_x_of_bar(i), each) for i, each in enumerate(gutter.letters.values())]
        self.x_lanes = 4 + BAR * len(gutter.letters)
        self.left = self.x_lanes + LANE * len(self.tasks) + 8
        self.rows = self._rows(report)
        self.height = ROW * len(self.rows)
        self.bars = self._bars([lines[i] for i in self._shown], gutter)
        self.lanes = [self._lane(i, task) for i, task in enumerate(self.tasks)]
        self.data = self._data(tables)

    def row_of(self, number: int) -> int:
        """The place in the list of the trace's row ``number``, or of the one after it."""
        return next((i for i, n in enumerate(self._shown) if n >= number), len(self._shown) - 1)

    def _rows(self, report: Report) -> list[_Row]:
        film = self._film
        matters = meetings(film)
        rows = []
        for at in self._shown:
            row, moment = film.rows[at], film.moments[at]
            dull = moment.kind == "step" and at not in matters and not moment.changes
            kinds = ["q"] if dull else []
            kinds += ["parted"] if self.parted == at else []
            where = film.paths.name(moment.stack[-1][0]) if moment.stack else ""
            who = row.who or "hardware"
            colour = self.tasks.index(row.who) % 6 if row.who else None
            rows.append(_Row(at, who, row.what, where, mark(row), " ".join(kinds), colour))
        return rows

    def _bars(self, lines: list[Line], gutter: Gutter) -> list[_Bar]:
        bars = []
        for column, (name, letter) in enumerate(gutter.letters.items()):
            x = _x_of_bar(column)
            holders = [line.locks.get(name, "") for line in lines]
            for start, end, holder in _stretches(holders):
                task = holder.split(" ")[0]
                colour = self.tasks.index(task) % 6 if task in self.tasks else 5
                path = f"M{x} {start * ROW + 2}V{end * ROW - 2}"
                bars.append(_Bar(path, colour, f"{letter}: {name}, {holder}"))
        return bars

    def _lane(self, number: int, task: str) -> _Lane:
        x = self.x_lanes + LANE * number + LANE // 2
        who = [self._film.rows[at].who for at in self._shown]
        mine = [i for i, one in enumerate(who) if one == task]
        busy = "".join(
            f"M{x} {start * ROW + 3}V{end * ROW - 3}"
            for start, end, one in _stretches(who)
            if one == task
        )
        idle = f"M{x} {mine[0] * ROW}V{(mine[-1] + 1) * ROW}" if mine else ""
        return _Lane(busy, idle)

    def _data(self, tables: _Tables) -> dict[str, object]:
        film = self._film
        rows = []
        before = -1
        for at in self._shown:
            moment = film.moments[at]
            changes = [c for m in film.moments[before + 1 : at + 1] for c in m.changes]
            before = at
            place = ""
            if moment.stack:
                code, line = moment.stack[-1]
                names = " > ".join(film.paths.name(code) for code, _ in moment.stack)
                place = f"{names}, {short_paths(code.co_filename)}:{line}"
            rows.append([_packed(net(changes), tables), tables.place(place), moment.words])
        return {"title": self.title, "initial": _initial(film.initial, tables), "rows": rows}


def _x_of_bar(column: int) -> int:
    return 4 + BAR * column + BAR // 2


def _shown(count: int) -> list[int]:
    """The rows that are on the page."""
    if count <= MOST:
        return list(range(count))
    return [*range(MOST // 2), *range(count - MOST // 2, count)]


def _stretches(texts: list[str]) -> Iterable[tuple[int, int, str]]:
    """Runs of the same text, if it is not empty: from, to, text."""
    start = 0
    for i in range(1, len(texts) + 1):
        if i == len(texts) or texts[i] != texts[start]:
            if texts[start]:
                yield start, i, texts[start]
            start = i


def _packed(changes: list[Change], tables: _Tables) -> list[tuple[int, int]]:
    return [(tables.key(key), tables.value(new)) for key, _, new in changes]


def _initial(state: State, tables: _Tables) -> list[tuple[int, int]]:
    return [(tables.key(key), tables.value(value)) for key, value in state.items()]
