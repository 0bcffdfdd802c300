"""``python -m benchmarks lock-order``: what it costs to track in which order locks are taken.

The reference kernel on the fixed scenarios, as a campaign runs it, without and with a tracker that
lives as long as the campaign; the two are timed in turns.
"""

from __future__ import annotations

import json
import platform

import click

from benchmarks.measure import interleaved
from benchmarks.subjects.kernel import KernelSubject
from fuzzcopy.oracles import ALL, LockOrderTracker


@click.command("lock-order")
@click.option(
    "--seconds",
    type=click.FloatRange(min=0),
    default=30.0,
    show_default=True,
    help="How long to measure.",
)
def lock_order(seconds: float) -> None:
    """How much longer a schedule takes when lock orders are tracked."""
    tracker = LockOrderTracker()
    without = KernelSubject("without")
    tracked = KernelSubject("tracked", oracles=(*ALL, lambda: tracker))
    timing = interleaved([without, tracked], seconds=seconds)
    report = {
        "benchmark": "lock-order",
        "python": platform.python_version(),
        "clock": "processor time",
        "share": timing.share,
        "slices": len(timing.slices["without"]),
        "subjects": {name: timing.figures(name) for name in timing.slices},
        "time_ratio": timing.ratio("without", "tracked")["schedules"],
    }
    click.echo(json.dumps(report))
