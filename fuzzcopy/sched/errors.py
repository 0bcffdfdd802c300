"""What a run under the scheduler can end in, besides ending well.

A *verdict* is a judgement on the code under test and one exception class each, so that
Hypothesis keeps distinct failures apart. A *problem* says that no judgement was possible.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fuzzcopy.sched.printable import printable

if TYPE_CHECKING:
    from fuzzcopy.sched.waitgraph import Wait


class _End(Exception):
    """Its text may quote any error of the code under test: it is printable, also in several lines.

    This is where all that text comes by: reports, files and tracebacks ask for ``str()``.
    """

    def __str__(self) -> str:
        return printable(super().__str__(), keep="\n\t")


class Verdict(_End):
    """The code under test did something wrong.

    ``kind`` is the stable word for it, used in files and reports; ``str()`` is one sentence.
    ``evidence`` is what a report may follow through the trace, if the judge left any.
    """

    kind = "verdict"
    evidence: object = None


class Deadlock(Verdict):
    """Some task can never run again.

    ``waits`` is the cycle (each entry waits for the holder in the next, the last for the
    first), or, when nothing can run and no cycle explains it, every blocked task.
    """

    kind = "deadlock"

    def __init__(self, waits: Sequence[Wait], *, cycle: bool) -> None:
        self.waits = tuple(waits)
        self.cycle = cycle
        chain = "; ".join(str(wait) for wait in self.waits)
        super().__init__(chain if cycle else f"nothing can run: {chain}")


class Livelock(Verdict):
    """Nothing came any further under a fair schedule, with every event delivered."""

    kind = "livelock"


class Crash(Verdict):
    """An exception that nobody expected came out of a task."""

    kind = "crash"


class Problem(_End):
    """The run says nothing about the code: what drove it was at fault, or it had no end."""


class StepLimit(Problem):
    """The run was still getting somewhere when its steps were spent: undecided."""


class Nondeterminism(Problem):
    """The same schedule met different choices when it was run again."""


class ForeignAwait(Problem):
    """A task awaited, or was woken by, something that this scheduler does not control."""


class Stuck(Problem):
    """A task ran for seconds without reaching a preemption point."""


class Unwind(BaseException):
    """Takes a task down after the run was stopped.

    Not an ``Exception``: a path's own ``except Exception`` must not swallow a verdict.
    """
