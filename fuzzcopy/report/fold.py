"""Folding a film into the lines that matter.

A line is a run of one task's steps. It ends where somebody else takes over, where the task has to
wait or returns, and, the finer the folding, where it enters another function of a path. Of its
steps only those are named whose order with another task's matters: the one before or after them at
the same thing is somebody else's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from errno import errorcode
from typing import NamedTuple

from fuzzcopy.report import facts
from fuzzcopy.report.facts import Change
from fuzzcopy.report.film import Film
from fuzzcopy.report.moment import Moment
from fuzzcopy.runner import Row


class Detail(NamedTuple):
    """How much a line may hold: ``depth`` of path functions told apart, labels and changes."""

    depth: int
    labels: int
    changes: int


LEVELS = (
    Detail(4, 4, 5),
    Detail(4, 3, 3),
    Detail(3, 3, 3),
    Detail(3, 2, 2),
    Detail(2, 2, 3),
    Detail(1, 3, 3),
    Detail(1, 2, 2),
    Detail(1, 1, 1),
    Detail(0, 1, 1),
    Detail(0, 0, 1),
)
"""From fine to coarse."""

LIVELOCK = 10
"""So many turns in which the same is done are a loop that a run does not get out of."""


@dataclass(slots=True)
class Line:
    """Rows ``low`` to ``high`` of ``who`` (hardware if empty).

    ``mark`` says how the schedule deviates at its beginning; ``locks`` is who holds what at its
    end. ``dull``: it has nothing to say but where in the code it was.
    """

    low: int
    high: int
    who: str
    mark: str
    texts: list[str]
    changes: list[str]
    locks: dict[str, str] = field(default_factory=dict)
    dull: bool = False

    def same(self, other: Line) -> bool:
        """Whether both say the same of different steps."""
        return (self.who, self.mark, self.texts, self.changes) == (
            other.who,
            other.mark,
            other.texts,
            other.changes,
        )


def unfolded(film: Film) -> list[Line]:
    """Every row as it is."""
    lines = []
    locks: dict[str, str] = {}
    for row, moment in zip(film.rows, film.moments, strict=True):
        _follow(locks, moment.changes)
        notes = [*row.notes, *[told.text for told in moment.told if not told.noted]]
        lines.append(
            Line(row.number, row.number, row.who, mark(row), [row.what], notes, dict(locks))
        )
    return lines


def folded(film: Film, detail: Detail, *, since: int = 0) -> list[Line]:
    """The lines of ``film`` from row ``since`` on; turns of a loop that say the same are one."""
    matters = meetings(film)
    turns = frozenset(_turns(film))
    locks: dict[str, str] = {}
    for moment in film.moments[:since]:
        _follow(locks, moment.changes)
    lines = []
    for run in _runs(film, detail.depth, since, turns):
        for i in run:
            _follow(locks, film.moments[i].changes)
        line = _line(film, run, detail, matters, locks)
        line.locks = dict(locks)
        if line.texts or line.changes:
            lines.append(line)
    crowd = len({line.who for line in lines if line.who}) > 1
    return list(_without_repetition(_without_dull_lines(lines, crowd)))


def _without_dull_lines(lines: list[Line], crowd: bool) -> list[Line]:
    """A dull line is said by the next one of the same task; a long one only in a crowd."""
    kept: list[Line] = []
    for line in lines:
        before = kept[-1] if kept else None
        if before is None or before.who != line.who or not before.dull or line.mark:
            pass
        elif crowd or before.low == before.high:
            line.low = before.low
            line.mark = before.mark
            kept.pop()
        kept.append(line)
    return kept


def mark(row: Row) -> str:
    """How the schedule deviates from its default just before ``row``."""
    if row.preempts:
        return "preempts"
    return "not the default" if row.deviates else ""


def _follow(locks: dict[str, str], changes: Iterable[Change]) -> None:
    for (kind, name), _, new in changes:
        if kind == "lock":
            locks[name] = str(new or "")


def _turns(film: Film) -> range:
    """The rows at which the turns of a loop begin, if the run goes in circles at its end."""
    done = [(row.who, row.what) for row in film.rows]
    for period in range(1, len(done) // LIVELOCK + 1):
        turn = done[-period:]
        if done[-2 * period : -period] != turn:
            continue
        start = len(done) - 2 * period
        while done[max(start - period, 0) : start] == turn:
            start -= period
        if len(done) - start >= LIVELOCK * period:
            return range(start, len(done), period)
    return range(0)


def _runs(film: Film, depth: int, start: int, turns: frozenset[int]) -> Iterator[range]:
    for i in range(start + 1, len(film.rows)):
        row, moment, before = film.rows[i], film.moments[i], film.moments[i - 1]
        if (
            row.who != film.rows[i - 1].who
            or row.deviates
            or i in turns
            or moment.kind == "begin"
            or before.kind in ("end", "wait", "start")
            or _parts(moment, before, depth)
        ):
            yield range(start, i)
            start = i
    if start < len(film.rows):
        yield range(start, len(film.rows))


def _parts(moment: Moment, before: Moment, depth: int) -> bool:
    """Whether other path functions run now, down to ``depth``."""
    if not moment.stack or not before.stack:
        return False
    now = [code for code, _ in moment.stack[:depth]]
    return now != [code for code, _ in before.stack[:depth]]


def meetings(film: Film) -> set[int]:
    """The rows whose order with another task's row matters."""
    last: dict[str, tuple[int, str, bool]] = {}
    meeting = set()
    for i, (row, moment) in enumerate(zip(film.rows, film.moments, strict=True)):
        if moment.kind == "step" and moment.obj:
            known = last.get(moment.obj)
            if known is not None and known[1] != row.who and (known[2] or row.write):
                meeting |= {known[0], i}
            last[moment.obj] = i, row.who, row.write
    return meeting


def _line(film: Film, run: range, detail: Detail, matters: set[int], locks: dict[str, str]) -> Line:
    rows = [film.rows[i] for i in run]
    moments = [film.moments[i] for i in run]
    texts: list[str] = []
    labels: list[str] = []
    last = moments[-1]
    if rows[0].who:
        if moments[0].kind == "begin":
            texts.append(moments[0].obj)
        steps = _steps(film, moments)
        labels = _some(
            [film.rows[i].what for i in run if i in matters and film.moments[i].kind == "step"],
            detail.labels,
        )
        if labels or (steps and detail.labels):
            texts.append(", ".join(labels) or steps)
        if last.kind == "wait":
            holder = locks.get(last.obj, "")
            texts.append(f"waits for {last.obj}" + (f" ({holder} has it)" if holder else ""))
        if last.kind == "end":
            texts.append(f"returns {_result(last.obj)}")
        if not texts:
            texts.append(steps.split(", ")[0] or rows[0].what)
    else:
        texts = _some([row.what for row in rows if row.what != "start"], max(detail.labels, 1))
    changes = [
        facts.tell(change, film.origins)
        for change in facts.net(change for moment in moments for change in moment.changes)
        if change.key[0] != "lock"
    ]
    told = _squeezed([text for moment in moments for text in moment.words])
    known = [*[text for text in changes if text], *told]
    if known and not texts:
        texts = ["before the run"]
    line = Line(rows[0].number, rows[-1].number, rows[0].who, mark(rows[0]), texts, [])
    line.changes = _some(known, detail.changes)
    loud = labels or line.changes or moments[0].kind == "begin" or last.kind in ("wait", "end")
    line.dull = not loud and bool(line.who)
    return line


def _steps(film: Film, moments: Sequence[Moment]) -> str:
    """The path functions that a run of steps went through, below what they have in common."""
    stacks = [[code for code, _ in moment.stack] for moment in moments if moment.stack]
    if not stacks:
        return ""
    common = 0
    while all(len(stack) > common and stack[common] is stacks[0][common] for stack in stacks):
        common += 1
    below = [stack[common] if len(stack) > common else stack[-1] for stack in stacks]
    names = [film.paths.name(code) for code in dict.fromkeys(below)]
    return ", ".join(_some(names, 3))


def _result(text: str) -> str:
    try:
        number = int(text)
    except ValueError:
        return text  # a path may forget to return anything
    return f"-{errorcode[-number]}" if -number in errorcode else text


def _squeezed(texts: list[str]) -> list[str]:
    """Each text once, in the order in which they first come."""
    return list(dict.fromkeys(texts))


def _some(texts: list[str], most: int) -> list[str]:
    """At most so many of them, and how many more there are: the beginning, and the last one."""
    texts = _squeezed(texts)
    if len(texts) <= most + 1:
        return texts
    if most < 2:
        return [*texts[:most], f"+{len(texts) - most}"] if most else []
    return [*texts[: most - 1], f"+{len(texts) - most}", texts[-1]]


def _without_repetition(lines: list[Line], longest: int = 40) -> Iterator[Line]:
    """The first turn of each loop, and a line that says how often it goes on like that."""
    at = 0
    while at < len(lines):
        period, times = _loop(lines, at, longest)
        if times < 3:
            yield lines[at]
            at += 1
            continue
        yield from lines[at : at + period]
        end = at + period * times
        first, last = lines[at + period], lines[end - 1]
        texts = [f"the same again, {times - 1} times"]
        who = first.who if len({line.who for line in lines[at:end]}) == 1 else ""
        yield Line(first.low, last.high, who, "", texts, [], last.locks)
        at = end


def _loop(lines: list[Line], at: int, longest: int) -> tuple[int, int]:
    """The length of the loop that begins at a line, and how many turns it has."""
    for period in range(1, min(longest, (len(lines) - at) // 3) + 1):
        if not lines[at].same(lines[at + period]):
            continue
        same = 0
        rest = len(lines) - at - period
        while same < rest and lines[at + same].same(lines[at + period + same]):
            same += 1
        if same >= 2 * period:
            return period, same // period + 1
    return 0, 0
