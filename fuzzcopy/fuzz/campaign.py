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
    ``claim`` is what a campaign that found nothing may say.
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
    begun: float = field(default_factory=time.monotonic)

    def elapsed(self) -> float:
        """Seconds since the campaign began."""
        return time.monotonic() - self.begun
