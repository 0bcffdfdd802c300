"""What came of a run."""

from __future__ import annotations

from dataclasses import dataclass, field

from fuzzcopy.runner.trace import Trace
from fuzzcopy.scenario import Scenario, Switch
from fuzzcopy.sched import Problem, Verdict


@dataclass(frozen=True, slots=True)
class Outcome:
    """One run of ``scenario`` on the kernel called ``kernel``.

    At most one of ``verdict`` (the kernel did something wrong) and ``problem`` (the run says
    nothing about the kernel) is set. ``missed`` is the first part of the schedule that was never
    reached, because the code no longer comes by there. ``steps`` counts preemption points;
    ``trace`` is there if it was asked for.
    """

    kernel: str
    scenario: Scenario
    steps: int
    verdict: Verdict | None = None
    problem: Problem | None = None
    missed: Switch | None = None
    trace: Trace | None = field(default=None, repr=False)

    @property
    def kind(self) -> str | None:
        """The verdict's word, or ``None``."""
        return None if self.verdict is None else self.verdict.kind

    @property
    def preemptions(self) -> int:
        """How often the schedule takes the CPU from a program that could go on."""
        return sum(
            1
            for switch in self.scenario.schedule
            if is_task(switch.run) and not _had_to_stop(switch)
        )

    def raise_verdict(self) -> None:
        """Raise the verdict, or the problem, if there is one."""
        if self.verdict is not None:
            raise self.verdict
        if self.problem is not None:
            raise self.problem


def is_task(name: str) -> bool:
    """Whether a schedule that says ``name`` means a CPU or an actor, not an event.

    Events are called by what happens and to what: ``disk.read f0:0``.
    """
    return bool(name) and " " not in name


def _had_to_stop(switch: Switch) -> bool:
    return switch.at in ("begin", "end") or switch.at.startswith("wait ")
