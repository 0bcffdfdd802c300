"""Replaying a regression: is the failure still there?"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile
from typing import Literal

from fuzzcopy.counted import counted
from fuzzcopy.kernel import Kernel
from fuzzcopy.regression.format import Regression
from fuzzcopy.runner import Outcome, Tally, find_failure, policies_for, record, run, with_schedule
from fuzzcopy.sched import Problem

Word = Literal["reproduced", "different", "passes", "undecided"]

SEARCH = 2_000
"""Schedules tried when the code no longer comes by the places that the schedule names."""

SEARCH_STEPS = 5_000_000
"""No further schedule is begun after so many steps: a file may ask for very long runs."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay came to.

    ``searched`` is 0 if the recorded schedule was followed to its end. Otherwise the run
    *diverged*, as the code has changed, and the program was searched under that many schedules.
    ``same_trace``: it was followed step by step exactly as recorded.
    """

    word: Word
    outcome: Outcome
    same_trace: bool
    searched: int = 0
    expected: bool = True

    def __str__(self) -> str:
        found = self.outcome.kind
        after = f" after search of {counted(self.searched, 'schedule')}" if self.searched else ""
        match self.word:
            case "reproduced":
                return f"reproduced ({found}){after}"
            case "different":
                return f"different: {found}{after}"
            case "passes":
                return f"passes{after}"
            case "undecided":
                return f"undecided: {self.outcome.problem}"


def unexpected(result: Replayed, regression: Regression) -> str:
    """What the file expects instead, as the end of a line; empty if it is as expected."""
    if result.expected:
        return ""
    other = result.word == "different" and regression.expect == "fails"
    wanted = f" with {regression.verdict!r}" if other else ""
    return f", but the file expects that it {regression.expect}{wanted}"


def why_changed(kernel: type[Kernel], regression: Regression) -> str:
    """Why a run on ``kernel`` need not be the recorded one."""
    if kernel.name != regression.kernel:
        return "the kernel is another one"
    return "the code has changed"


def replay(kernel: type[Kernel], regression: Regression, *, search: int = SEARCH) -> Replayed:
    """Run the regression's scenario on ``kernel`` and say what came of it."""
    outcome = run(kernel, regression.scenario)
    searched = 0
    if outcome.missed is not None and outcome.kind != regression.verdict:
        outcome, searched = _search(kernel, regression, search)
    assert outcome.trace is not None
    same = searched == 0 and outcome.trace.digest() == regression.digest
    word: Word
    if outcome.problem is not None:
        word = "undecided"
    elif outcome.kind is None:
        word = "passes"
    else:
        word = "reproduced" if outcome.kind == regression.verdict else "different"
    wanted = "reproduced" if regression.expect == "fails" else "passes"
    return Replayed(word, outcome, same, searched, expected=word == wanted)


def _search(kernel: type[Kernel], regression: Regression, limit: int) -> tuple[Outcome, int]:
    """Look for the failure in its new place; any other failure is taken if it is not found."""
    tally = Tally()
    policies = takewhile(lambda _: tally.steps < SEARCH_STEPS, policies_for(0, limit, tally))
    other = None
    while True:
        found = find_failure(kernel, regression.scenario, policies, tally=tally)
        if found is None:
            break
        if isinstance(found.failure, Problem):
            other = other or found
            break
        if getattr(found.failure, "kind", None) == regression.verdict:
            return record(kernel, regression.scenario, found.policy), tally.schedules
        other = other or found
    if other is not None:
        return record(kernel, regression.scenario, other.policy), tally.schedules
    # Nothing found: the default schedule stands for what was tried.
    return run(kernel, with_schedule(regression.scenario, ())), tally.schedules
