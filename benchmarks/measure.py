"""Timing several subjects against each other, fairly.

Two runs of one benchmark on a shared machine differ by more than what is to be measured. So all
subjects are timed in one run, round robin in slices of about a tenth of a second: whatever else
the machine does hits all of them alike. A figure is the median of its subject's slices; a ratio
is the median of the ratios within each round, where the two slices lie close together.

The clock is the processor time of this process: what counts is work per core. The share of the
wall clock that was had is reported beside it.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Protocol

SLICE = 0.1
"""Seconds of processor time per slice; a slice ends with the batch in which it passes this."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What a few schedules came to: how many, and their preemption points in total."""

    schedules: int
    steps: int


@dataclass(frozen=True, slots=True)
class Facts:
    """What a schedule of a subject is, found out untimed.

    ``tasks`` is n. ``points`` is k, the most points with a choice in any run. ``steps`` and
    ``switches`` are means per schedule: preemption points passed, and how often two consecutive
    ones belonged to different tasks. ``together`` schedules share the cost of one start.
    """

    tasks: int
    points: int
    steps: float
    switches: float
    together: int


class Subject(Protocol):
    """Something that is timed."""

    name: str

    def facts(self) -> Facts:
        """Look at some schedules closely, untimed."""

    def batch(self) -> Batch:
        """Run a few schedules that were not run before."""


@dataclass(frozen=True, slots=True)
class Slice:
    """One slice's rates, per second of processor time."""

    schedules: float
    steps: float


@dataclass(frozen=True, slots=True)
class Timing:
    """All slices of all subjects; those of one round have the same index.

    ``share`` is processor time divided by wall-clock time: below about 0.9 the machine was busy.
    """

    slices: dict[str, list[Slice]]
    share: float

    def figures(self, name: str) -> dict[str, object]:
        """The medians of a subject's slices, and the quartiles of its schedules per second."""
        slices = self.slices[name]
        low, _, high = quantiles([s.schedules for s in slices], n=4)
        return {
            "schedules_per_second": round(median(s.schedules for s in slices), 1),
            "quartiles": [round(low, 1), round(high, 1)],
            "steps_per_second": round(median(s.steps for s in slices)),
        }

    def ratio(self, name: str, other: str) -> dict[str, float]:
        """How many times faster ``name`` is than ``other``, by schedules and by steps."""
        rounds = list(zip(self.slices[name], self.slices[other], strict=True))
        return {
            "schedules": round(median(a.schedules / b.schedules for a, b in rounds), 3),
            "steps": round(median(a.steps / b.steps for a, b in rounds), 3),
        }


def interleaved(subjects: Sequence[Subject], *, seconds: float) -> Timing:
    """Time ``subjects`` round robin for about ``seconds``, but at least three rounds."""
    for subject in subjects:
        subject.batch()  # imports, caches, the interpreter's specialisation
    slices: dict[str, list[Slice]] = {subject.name: [] for subject in subjects}
    processor, wall = time.process_time(), time.perf_counter()
    rounds = 0
    while rounds < 3 or time.perf_counter() - wall < seconds:
        for subject in subjects:
            slices[subject.name].append(_slice(subject))
        rounds += 1
    share = (time.process_time() - processor) / (time.perf_counter() - wall)
    return Timing(slices, round(share, 3))


def _slice(subject: Subject) -> Slice:
    # Or one subject would pay for the garbage of the one before.
    gc.collect()
    schedules = steps = 0
    begin = time.process_time()
    elapsed = 0.0
    while elapsed < SLICE:
        batch = subject.batch()
        schedules += batch.schedules
        steps += batch.steps
        elapsed = time.process_time() - begin
    return Slice(schedules / elapsed, steps / elapsed)
