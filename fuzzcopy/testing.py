"""One line makes a pytest test out of a kernel.

::

    from fuzzcopy import fuzz_test
    from mykernel import MyKernel

    test_my_kernel = fuzz_test(MyKernel)
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path

from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis import strategies as st

from fuzzcopy.counted import counted, sampled
from fuzzcopy.fuzz import Campaign, Predictions, Search, reduce
from fuzzcopy.kernel import Kernel
from fuzzcopy.oracles import ALL
from fuzzcopy.regression import (
    Regression,
    RegressionError,
    register_kernel,
    replay_command,
    save,
)
from fuzzcopy.report import Report, headline, plain_timeline
from fuzzcopy.runner import Minimal, Outcome, minimise
from fuzzcopy.runner.runner import Oracles
from fuzzcopy.scenario import Scenario
from fuzzcopy.sched import StepLimit, Verdict, ctrl_c
from fuzzcopy.strategies import scenarios

_MEND = "choose another with fuzz_test(..., save_to=DIR), or save_to=None"


def fuzz_test(
    kernel: type[Kernel],
    *,
    strategy: st.SearchStrategy[Scenario] | None = None,
    settings: settings | None = None,
    oracles: Oracles = ALL,
    save_to: Path | str | None = "regressions",
) -> Callable[[], None]:
    """A test function that fuzzes ``kernel`` with Hypothesis.

    The active Hypothesis profile decides how long (``--hypothesis-profile=deep``), or
    ``settings`` if given. A failure is shrunk, saved into ``save_to`` (unless that is ``None``;
    relative to where pytest runs), and raised as its verdict with the timeline as a note; on Ctrl-C
    it is saved as it is. Lock orders that contradict each other fail it if they can be made to
    hang.
    """
    if not (isinstance(kernel, type) and issubclass(kernel, Kernel)):
        raise TypeError(
            f"fuzz_test takes a class derived from fuzzcopy.Kernel, or that one, not {kernel!r}"
        )
    register_kernel(kernel)
    drawn = scenarios() if strategy is None else strategy

    def test() -> None:
        __tracebackhide__ = True
        predictions = Predictions(kernel, oracles=oracles)
        search = Search(kernel, oracles=(*oracles, predictions.watch))

        @given(drawn, st.integers(0, (1 << 32) - 1))
        def each(scenario: Scenario, schedules: int) -> None:
            ctrl_c.check()
            search.example(scenario, schedules)

        found: Outcome | None = None
        directory = None if save_to is None else Path(save_to)
        try:
            with ctrl_c.held():
                try:
                    _configured(each, settings)()
                except Verdict:
                    found = search.best
                else:
                    # Only now: Hypothesis could not find again what a steered schedule leads to.
                    predicted = predictions.try_new()
                    found = None if predicted is None else predicted.failure
                if found is not None:
                    best, minimal = _smallest(kernel, found, oracles)
        except KeyboardInterrupt:
            found = found or search.best
            if found is None:
                raise
            raise _interrupted(kernel, found, directory) from None
        if found is None:
            search.campaign.never_entered = search.target.never()
            _must_be_decided(search.campaign)
            _say_what_was_covered(search.campaign)
            return
        report = Report.of(kernel, best.scenario, oracles=oracles)
        raise _failure(report, best, minimal, directory)

    test.__name__ = f"test_{kernel.name}"
    test.__qualname__ = test.__name__
    test.__doc__ = f"Fuzz the kernel {kernel.name}."
    return test


def _configured(test: Callable[[], None], given_settings: settings | None) -> Callable[[], None]:
    """Hypothesis's own report and explanation are left out: ours says it shorter."""
    base = given_settings or settings()
    quiet = settings(
        base,
        phases=[phase for phase in base.phases if phase is not Phase.explain],
        verbosity=Verbosity.quiet,
        deadline=None,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    return quiet(test)


def _must_be_decided(campaign: Campaign) -> None:
    """A run at its step limit is no pass; nor are programs that never come by the kernel's own."""
    if campaign.undecided:
        runs = f"{campaign.undecided:,} of {counted(campaign.schedules, 'run')}"
        print(f"undecided: {runs} of {campaign.kernel} ended at the step limit")
        if campaign.all_undecided:
            raise StepLimit(f"nothing decided on {campaign.kernel}: all runs reached it")
    if campaign.missed_the_kernel:
        # Few programs may miss a rare path: no failure, but to be seen even where a test passes.
        never = ", ".join(campaign.never_entered)
        warnings.warn(f"nothing decided on {campaign.kernel}: never entered: {never}", stacklevel=1)


def _say_what_was_covered(campaign: Campaign) -> None:
    tried = f"sampled {sampled(campaign.schedules, campaign.examples)}"
    covered = "; ".join([tried, *campaign.tried()])
    print(f"nothing found on {campaign.kernel}: {covered}")


def _smallest(kernel: type[Kernel], found: Outcome, oracles: Oracles) -> tuple[Outcome, Minimal]:
    return minimise(kernel, reduce(kernel, found, oracles=oracles), oracles=oracles)


def _failure(report: Report, outcome: Outcome, minimal: Minimal, directory: Path | None) -> Verdict:
    """The verdict to raise: one line, and the timeline and the way back as a note."""
    verdict = outcome.verdict
    assert verdict is not None
    way_back = _saved(report.kernel, outcome, minimal, directory)
    fresh = verdict.with_traceback(None)
    fresh.__context__ = None
    report.attach_to(fresh)
    fresh.add_note("\n".join(["", plain_timeline(report), *way_back]))
    return fresh


def _interrupted(
    kernel: type[Kernel], outcome: Outcome, directory: Path | None
) -> KeyboardInterrupt:
    """What to raise for Ctrl-C after a failure: no verdict, or other tests would go on.

    In one line, as pytest tells no more of it.
    """
    found = f"found, not shrunk to the end: {headline(outcome)}"
    return KeyboardInterrupt("; ".join([found, *_saved(kernel, outcome, None, directory)]))


def _saved(
    kernel: type[Kernel], outcome: Outcome, minimal: Minimal, directory: Path | None
) -> list[str]:
    """Save the failure, unless there is no ``directory``; the way back to it in lines."""
    if directory is None:
        return []
    try:
        path = save(Regression.of(outcome, minimal=minimal), directory, mend=_MEND)
    except RegressionError as error:
        return [f"not saved: {error}"]
    return [f"saved: {path}", f"replay: {replay_command(kernel, path)}"]
