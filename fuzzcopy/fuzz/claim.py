"""What a search that found nothing may claim."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from fuzzcopy.sched import Missed

DEPTHS = 1, 2, 3


@dataclass(slots=True)
class Claim:
    """With what probability a bug would have been missed by sampling the schedules of ``programs``.

    By the bug's depth: ``worst`` is for the program where it is greatest, so it holds whichever of
    them has the bug; ``mean`` is for a program taken at random from them.
    """

    programs: int = 0
    worst: dict[int, float] = field(default_factory=lambda: dict.fromkeys(DEPTHS, 0.0))
    mean: dict[int, float] = field(default_factory=lambda: dict.fromkeys(DEPTHS, 0.0))

    def add(self, missed: Missed) -> None:
        """Count one more program that nothing was found in."""
        self.programs += 1
        for depth in DEPTHS:
            chance = missed.chance(depth)
            self.worst[depth] = max(self.worst[depth], chance)
            self.mean[depth] += (chance - self.mean[depth]) / self.programs

    def __str__(self) -> str:
        chances = ", ".join(f"{_up(p)} (d = {depth})" for depth, p in self.worst.items())
        means = ", ".join(_up(p) for p in self.mean.values())
        return (
            f"a bug of depth d in one of these programs would have been missed with probability at "
            f"most {chances}; on average over the programs {means}"
        )


def _up(chance: float) -> str:
    """Four digits, never less than it is."""
    return f"{math.ceil(chance * 10_000) / 10_000:g}"
