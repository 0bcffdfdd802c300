"""What a campaign did."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from fuzzcopy.fuzz.claim import Claim
from fuzzcopy.fuzz.confirm import Confirmation
from fuzzcopy.runner import Minimal, Outcome
from fuzzcopy.sched import Problem


@dataclass(slots=True)
class Campaign:
    """What a campaign did. ``outcome`` is the reduced failure, ``problem`` why it stopped.

    ``minimal`` says whether the failure's preemptions were shown to be the fewest.
    ``first_schedules`` and ``first_seconds`` say when the first failure was met, before shrinking.
    ``predictions`` are the contradictions among lock orders, with what came of trying them.
    ``claim`` is what a campaign that found nothing may say; ``never_entered`` are functions that
    the kernel swaps, and that no program ran.
    """

    kernel: str
    seed: int
    examples: int = 0
    schedules: int = 0
    steps: int = 0
    undecided: int = 0
    seconds: float = 0.0
    first_schedules: int | None = None
    first_seconds: float | None = None
    interrupted: bool = False
    outcome: Outcome | None = None
    minimal: Minimal = None
    predictions: Sequence[Confirmation] = ()
    problem: Problem | None = None
    operations: Counter[str] = field(default_factory=Counter)
    claim: Claim = field(default_factory=Claim)
    never_entered: Sequence[str] = ()
    begun: float = field(default_factory=time.monotonic)

    @property
    def missed_the_kernel(self) -> bool:
        """Whether programs ran, and none of them entered anything that the kernel swaps.

        Then nothing that was seen says anything about the kernel.
        """
        return self.examples > 0 and self.claim.programs == 0

    @property
    def all_undecided(self) -> bool:
        """Whether every run ended at its step limit; so did each of none, unless by Ctrl-C."""
        return self.schedules == self.undecided and (self.schedules > 0 or not self.interrupted)

    def tried(self) -> list[str]:
        """What a campaign that found nothing did and did not try, in lines for a person."""
        missed = self.examples - self.claim.programs
        lines = [str(self.claim)] if self.claim.programs else []
        if missed:
            lines.insert(0, f"{missed:,} of the programs entered nothing that {self.kernel} swaps")
        if self.never_entered:
            lines.append(f"never entered: {', '.join(self.never_entered)}")
        return lines

    def elapsed(self) -> float:
        """Seconds since the campaign began."""
        return time.monotonic() - self.begun
