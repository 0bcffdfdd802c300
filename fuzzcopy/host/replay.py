"""Is a finding still there? On a real kernel the answer may be: sometimes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from fuzzcopy.host.compare import Difference
from fuzzcopy.host.files import SETTINGS
from fuzzcopy.host.finding import HostFinding
from fuzzcopy.host.target import Target, expectation
from fuzzcopy.scenario import Scenario

Word = Literal["reproduced", "not reproduced", "unstable"]

RUNS = 10
"""How often a program is run to see whether its difference is there."""


@dataclass(frozen=True, slots=True)
class HostReplayed:
    """``times`` of ``runs`` the finding was there; ``other`` is what was there instead."""

    times: int
    runs: int
    other: Difference | None = None

    @property
    def word(self) -> Word:
        """The outcome in a word."""
        if self.times == 0:
            return "not reproduced"
        return "reproduced" if self.times == self.runs else "unstable"

    def __str__(self) -> str:
        if self.word == "unstable":
            return f"unstable ({self.times} of {self.runs})"
        return self.word


def replay(target: Target, finding: HostFinding, *, runs: int = RUNS) -> HostReplayed:
    """Run the finding's program ``runs`` times on ``target``."""
    plan, expected = expectation(finding.scenario)
    settings = [finding.setting] if finding.setting in SETTINGS else SETTINGS
    times, other = 0, None
    for done in range(1, runs + 1):
        found = target.check(plan, expected, settings=settings)
        if finding.same(found):
            times += 1
        elif found is not None:
            other = found
        if found is not None and found.kind == "hang":
            return HostReplayed(times, done, other)  # each costs the whole patience
    return HostReplayed(times, runs, other)


def count(target: Target, scenario: Scenario, difference: Difference) -> int:
    """How often ``difference`` is there in :data:`RUNS` runs of ``scenario``."""
    finding = HostFinding.of(target.fs, scenario, difference, 0, RUNS)
    return replay(target, finding).times
