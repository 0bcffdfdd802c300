"""SCTBench reorder_10: a pair seen half written; 9 writers, 1 reader. n = 10, k = 22, depth 2.

As :mod:`~benchmarks.programs.reorder_3`, where the story is told, but hard to hit: of nine
writers none may finish before the reader has looked. Published as n/k = 11/40, with the main
thread; random walk never found it there.
"""

from __future__ import annotations

from benchmarks.program import Program
from benchmarks.programs.reorder_3 import with_lock, without_lock
from fuzzcopy.sched import Scheduler


def buggy(scheduler: Scheduler) -> None:
    """Nine writers and no lock."""
    without_lock(scheduler, 9)


def correct(scheduler: Scheduler) -> None:
    """Nine writers and a lock."""
    with_lock(scheduler, 9)


PROGRAM = Program(buggy=buggy, correct=correct, tasks=10, points=22, depth=2, verdict="crash")
