"""Which lock order a kernel really uses: seen in many drawn programs, whatever else they do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from fuzzcopy.fuzz.predictions import Predictions
from fuzzcopy.fuzz.target import Target
from fuzzcopy.kernel import Kernel
from fuzzcopy.runner import Tally, find_failure, policies_for
from fuzzcopy.scenario import Scenario
from fuzzcopy.sched import Verdict, ctrl_c
from fuzzcopy.strategies import scenarios

SCHEDULES = 6
"""How many schedules each program is run under."""


@dataclass(frozen=True, slots=True)
class Derived:
    """``predictions.graph`` is what ``schedules`` runs of ``programs`` programs showed.

    ``verdicts`` says how many of the runs ended in which one. ``never_entered`` are functions that
    the kernel swaps, and that no program ran; ``missed_the_kernel``: none ran any. ``interrupted``:
    by Ctrl-C.
    """

    predictions: Predictions
    programs: int
    schedules: int
    verdicts: Counter[str]
    never_entered: Sequence[str] = ()
    missed_the_kernel: bool = False
    interrupted: bool = False


def derive(
    kernel: type[Kernel],
    *,
    examples: int,
    seed_: int = 0,
    on_progress: Callable[[int], None] = lambda _: None,
) -> Derived:
    """Run drawn programs and see in which order ``kernel`` takes its locks.

    What goes wrong meanwhile is only counted: a kernel that hangs has an order, too. Ctrl-C ends it
    early. Raises a :class:`Problem`, where a run says nothing about the kernel.
    """
    predictions = Predictions(kernel)
    target = Target(kernel)
    total = Tally()
    programs = 0
    verdicts: Counter[str] = Counter()

    @seed(seed_)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        derandomize=False,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(scenarios(), st.integers(0, (1 << 32) - 1))
    def each(scenario: Scenario, schedules: int) -> None:
        nonlocal programs
        ctrl_c.check()
        programs += 1
        on_progress(programs)
        tally = Tally()
        policies = policies_for(schedules, SCHEDULES, tally)
        while found := find_failure(
            target.kernel, scenario, policies, oracles=[predictions.watch], tally=tally
        ):
            if not isinstance(found.failure, Verdict):
                raise found.failure
            verdicts[found.failure.kind] += 1
        total.schedules += tally.schedules

    with ctrl_c.interruptible() as work:
        each()
    return Derived(
        predictions,
        programs,
        total.schedules,
        verdicts,
        target.never(),
        not target.is_hit,
        work.interrupted,
    )
