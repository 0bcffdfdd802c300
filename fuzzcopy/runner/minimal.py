"""Whether a failure's preemptions are the fewest with which its program fails.

A reducer tries what it happens to try; exploration with ever more preemptions tries everything.
"""

from __future__ import annotations

from fuzzcopy.kernel import Kernel
from fuzzcopy.oracles import ALL
from fuzzcopy.runner.explore import explore
from fuzzcopy.runner.outcome import Outcome
from fuzzcopy.runner.runner import Oracles, record

SCHEDULES = 1_000
"""How many schedules may be run for each number of preemptions."""

Minimal = bool | int | None
"""True: no schedule with fewer preemptions fails like that. A number: none with up to so many does,
more were too many to run all. ``None``: not even those without a preemption were all run."""


def minimise(
    kernel: type[Kernel], outcome: Outcome, *, oracles: Oracles = ALL, schedules: int = SCHEDULES
) -> tuple[Outcome, Minimal]:
    """The failure with the fewest preemptions that exploration finds, and what that proves.

    The program stays the same, and so does the kind of verdict.
    """
    kind = outcome.kind
    if kind is None:
        raise ValueError("only an outcome with a verdict has a least number of preemptions")
    bound: Minimal = None
    for preemptions in range(outcome.preemptions):
        explored = explore(
            kernel,
            outcome.scenario,
            preemptions=preemptions,
            max_schedules=schedules,
            first=True,
            kind=kind,
            oracles=oracles,
        )
        if kind in explored.failures:
            _, script = explored.failures[kind]
            found = record(kernel, outcome.scenario, script, oracles=oracles)
            if found.kind == kind:
                # All with fewer preemptions were run before, or it proves no more than that.
                return found, True if found.preemptions in (0, _next(bound)) else bound
        if explored.end == "stopped":
            return outcome, bound
        bound = preemptions
    return outcome, True


def _next(bound: Minimal) -> int:
    return 0 if bound is None else bound + 1
