"""Why it fails: the nearest schedule that passes, and what is different there.

Nearest is the failing schedule with one deviation less, or with one at another place; for a failure
under the default schedule, with one more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from msgspec.structs import replace

from fuzzcopy.report.film import Film
from fuzzcopy.report.report import Report
from fuzzcopy.runner import with_schedule
from fuzzcopy.scenario import Switch

RUNS = 60
"""How many neighbours are tried at most."""

STEPS = 40_000
"""No further one is tried after so many steps: a livelock is long."""


@dataclass(frozen=True, slots=True)
class Why:
    """The nearest run that passes, the first row in which it is another, and a sentence."""

    passing: Report
    parted: int
    sentence: str


def because(report: Report, near: Why | None) -> str:
    """One sentence on what the failure depends on."""
    if near is not None:
        return near.sentence
    scenario = report.outcome.scenario
    none = f"no schedule near this one passes ({RUNS} tried at most)"
    if scenario.schedule:
        return none
    if len(scenario.cpus) == 1 and not any(scenario.actors.rounds().values()):
        return "fails without any preemption: nothing has to come in between"
    return f"fails without any preemption; {none}"


def why(report: Report) -> Why | None:
    """Compare a failing run with its nearest passing one; ``None`` if no near one passes."""
    if report.outcome.verdict is None:
        return None
    steps = 0
    for switch, schedule in islice(_neighbours(report), RUNS):
        if steps > STEPS:
            break
        passing = Report.of(report.kernel, with_schedule(report.outcome.scenario, schedule))
        steps += passing.outcome.steps
        if passing.outcome.verdict is None and passing.outcome.problem is None:
            parted = _parting(report.film, passing.film)
            sentence = _sentence(report.film, passing.film, parted, switch)
            return Why(passing, parted, sentence)
    return None


def _neighbours(report: Report) -> Iterator[tuple[Switch, Sequence[Switch]]]:
    """Schedules to try, each with the deviation in which it and the failing one differ."""
    schedule = report.outcome.scenario.schedule
    for i in reversed(range(len(schedule))):
        yield schedule[i], [*schedule[:i], *schedule[i + 1 :]]
    places = _places(report.film)
    for i in reversed(range(len(schedule))):
        switch = schedule[i]
        mine = [known for known in places if known[0] == switch.cpu]
        place = (switch.cpu, switch.at, switch.nth)
        here = mine.index(place) if place in mine else len(mine)
        for distance in range(1, 12):
            for there in (here - distance, here + distance):
                if 0 <= there < len(mine):
                    moved = replace(switch, at=mine[there][1], nth=mine[there][2])
                    yield switch, [*schedule[:i], moved, *schedule[i + 1 :]]
    scenario = report.outcome.scenario
    others = [*(f"cpu{i}" for i in range(len(scenario.cpus))), *scenario.actors.rounds()]
    if not schedule and len(others) > 1:
        for cpu, label, nth in reversed(places):
            for other in others:
                if other != cpu:
                    more = Switch(cpu, label, nth, run=other)
                    yield more, [more]


def _places(film: Film) -> list[tuple[str, str, int]]:
    """Where a schedule may deviate: task, label, and the how-manieth time it is there."""
    counts: dict[tuple[str, str], int] = {}
    places = []
    for row, moment in zip(film.rows, film.moments, strict=True):
        if moment.kind == "step":
            nth = counts[row.who, row.what] = counts.get((row.who, row.what), 0) + 1
            places.append((row.who, row.what, nth))
    return places


def _parting(failing: Film, passing: Film) -> int:
    pairs = zip(failing.rows, passing.rows, strict=False)
    for number, (one, other) in enumerate(pairs):
        if (one.who, one.what) != (other.who, other.what):
            return number
    return min(len(failing.rows), len(passing.rows))


def _sentence(film: Film, passing: Film, parted: int, switch: Switch) -> str:
    """What has to come between what, for the run to fail."""
    if parted >= len(film.rows):
        return "passes if the schedule goes on in another way at the end"
    first = film.rows[parted]
    task = switch.cpu
    if first.who == task and switch.run not in ("", task):
        # The failing run is the one that goes on: the passing one lets somebody else come first.
        return f"fails unless {switch.run} comes before {task}'s {_doing(film, parted)}"
    if first.who == task and parted < len(passing.rows):
        # It goes on because the schedule says so: what matters is who would have come first.
        task = passing.rows[parted].who
    before = _last_of(film, task, parted)
    after = "" if before is None else f" after {task}'s {_doing(film, before)}"
    end = next((i for i in range(parted, len(film.rows)) if film.rows[i].who == task), None)
    if first.who:
        window = range(parted, len(film.rows) if end is None else end)
        does, meets = _clash(film, window, task)
        end = end if meets is None else meets
        operation = _operation(film, does)
        # An actor is in no operation; at the beginning of one its name says it already.
        inside = f", in {operation}," if operation not in ("", film.moments[does].obj) else ""
        it = f"{film.rows[does].who}{inside} comes to {_doing(film, does)}"
    else:
        it = f"{first.what} happens"
    whose = " and before its" if after else f" before {task or 'hardware'}'s"
    then = "" if end is None else f"{whose} {_doing(film, end)}"
    return f"fails only if {it}{after}{then}"


def _clash(film: Film, window: range, task: str) -> tuple[int, int | None]:
    """A step in the window, and the later one of ``task`` that it must come before.

    Of all pairs at one thing the first in which something other than a lock is changed.
    """
    fallback: tuple[int, int] | None = None
    for i in window:
        row, moment = film.rows[i], film.moments[i]
        if moment.kind != "step" or row.who == task:
            continue
        for j in range(window.stop, len(film.rows)):
            other = film.moments[j]
            if film.rows[j].who != task or other.kind != "step" or other.obj != moment.obj:
                continue
            if not row.write and not film.rows[j].write:
                continue
            if " lock " not in moment.obj and row.write:
                return i, j
            fallback = fallback or (i, j)
            break
    return fallback or (window.start, None)


def _last_of(film: Film, task: str, before: int) -> int | None:
    for i in range(before - 1, -1, -1):
        if film.rows[i].who == task and film.moments[i].kind == "step":
            return i
    return None


def _doing(film: Film, at: int) -> str:
    """``page.lock f0:0 (write.begin, step 12)``."""
    moment = film.moments[at]
    what = moment.obj if moment.kind == "begin" else film.rows[at].what
    where = f"{film.paths.name(moment.stack[-1][0])}, " if moment.stack else ""
    return f"{what} ({where}step {at})"


def _operation(film: Film, at: int) -> str:
    """The operation in which a task is at a row; "" for an actor, which has none."""
    for i in range(at, -1, -1):
        if film.rows[i].who == film.rows[at].who and film.moments[i].kind == "begin":
            return film.moments[i].obj
    return ""
