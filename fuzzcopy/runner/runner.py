"""Running scenarios: one for a close look, or many schedules of one program quickly."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from fuzzcopy.kernel import Kernel
from fuzzcopy.oracles import ALL, Oracle
from fuzzcopy.runner.outcome import Outcome
from fuzzcopy.runner.trace import Trace
from fuzzcopy.scenario import Scenario, Switch
from fuzzcopy.sched import (
    Bus,
    Compared,
    Deviation,
    Driver,
    Missed,
    Nondeterminism,
    Policy,
    Problem,
    Recorded,
    Recorder,
    Replay,
    Scheduler,
    StepLimit,
    Verdict,
    Watcher,
    drive,
    portfolio,
)
from fuzzcopy.sched.errors import Unwind
from fuzzcopy.world import Plan, World, WorldWatcher

Oracles = Sequence[Callable[[], Oracle]]
"""Called once for every run; usually the classes themselves."""


async def execute(
    driver: Driver,
    kernel: type[Kernel],
    plan: Plan,
    policy: Policy,
    *,
    oracles: Oracles = ALL,
    watchers: Sequence[Watcher] = (),
) -> Scheduler:
    """One run under ``policy``; what came of it is in the scheduler's ``failure``."""
    judges = [oracle() for oracle in oracles]
    bus = Bus([*watchers, *judges], vocabulary=WorldWatcher)
    scheduler = Scheduler(policy, bus=bus, max_steps=plan.scenario.max_steps)
    world = World(kernel, plan, scheduler)
    for judge in judges:
        judge.begin(world)
    for tell in bus.world_built:
        tell(world)
    world.warm_up()
    await driver.run(scheduler)
    if scheduler.failure is None:
        try:
            for judge in judges:
                judge.finish()
        except Unwind:
            pass
    world.dispose()
    return scheduler


def run(
    kernel: type[Kernel],
    scenario: Scenario,
    *,
    oracles: Oracles = ALL,
    watchers: Sequence[Watcher] = (),
    skip_missing: bool = False,
    trace: Trace | None = None,
) -> Outcome:
    """Run ``scenario`` under its own schedule, with a trace.

    ``trace`` is a fresh one to fill, if it shall be one that notes more. With ``skip_missing``,
    parts of the schedule that are impossible when their place is reached are passed over instead of
    ending the following of the schedule there.
    """
    plan = Plan(scenario)
    trace = Trace() if trace is None else trace
    policy = Replay(deviations(scenario), skip_missing=skip_missing)

    async def once(driver: Driver) -> Scheduler:
        return await execute(
            driver, kernel, plan, policy, oracles=oracles, watchers=[trace, *watchers]
        )

    scheduler = drive(once)
    missed = scenario.schedule[policy.followed] if policy.missed is not None else None
    return _outcome(kernel, scenario, scheduler, trace=trace, missed=missed)


@dataclass(frozen=True, slots=True)
class Found:
    """A failure, and the policy that leads to it again."""

    policy: Policy
    failure: BaseException


def find_failure(
    kernel: type[Kernel],
    scenario: Scenario,
    policies: Iterable[Policy],
    *,
    oracles: Oracles = ALL,
    tally: Tally | None = None,
) -> Found | None:
    """Try ``scenario``'s programs under each of ``policies``, inside one ``trio.run``.

    Returns the first verdict, or problem other than an undecided run (those are counted in
    ``tally``), or ``None``.
    """
    plan = Plan(scenario)
    count = tally if tally is not None else Tally()

    async def each(driver: Driver) -> Found | None:
        for policy in policies:
            scheduler = await execute(driver, kernel, plan, policy, oracles=oracles)
            if count.add(scheduler, policy):
                assert scheduler.failure is not None
                return Found(policy, scheduler.failure)
        return None

    return drive(each)


class Tally:
    """What many runs added up to."""

    def __init__(self) -> None:
        #: ``contested`` is the largest number of points with a choice in any of the runs,
        #: ``lengths`` the largest number of points that each task passed, by name; ``missed`` says
        #: how likely they are to have missed something.
        self.schedules = 0
        self.steps = 0
        self.undecided = 0
        self.contested = 0
        self.lengths: dict[str, int] = {}
        self.missed = Missed()

    def add(self, scheduler: Scheduler, policy: Policy) -> bool:
        """Count a run under ``policy``; true if it found something."""
        self.missed.add(scheduler, policy)
        self.schedules += 1
        self.steps += scheduler.steps
        contested = scheduler.contested()
        if contested > self.contested:
            self.contested = contested
        lengths = self.lengths
        for name, passed in scheduler.lengths.items():
            if passed > lengths.get(name, 0):
                lengths[name] = passed
        if scheduler.failure is None:
            return False
        if isinstance(scheduler.failure, StepLimit):
            self.undecided += 1
            return False
        return True


def policies_for(seed: int, count: int, tally: Tally) -> Iterator[Policy]:
    """The default portfolio for one program; ``tally`` tells how long its runs are."""
    return portfolio(seed, count, lambda: tally.contested, lambda: tally.lengths)


def record(
    kernel: type[Kernel], scenario: Scenario, policy: Policy, *, oracles: Oracles = ALL
) -> Outcome:
    """Run ``scenario``'s programs under ``policy`` and write the schedule down.

    The outcome's scenario has the explicit schedule; following it leads to the same trace. If it
    does not, the kernel is nondeterministic and the outcome's problem says so.
    """
    plan = Plan(scenario)
    recorder, trace = Recorder(), Trace()

    async def once(driver: Driver) -> Scheduler:
        return await execute(
            driver, kernel, plan, policy, oracles=oracles, watchers=[recorder, trace]
        )

    scheduler = drive(once)
    explicit = with_schedule(scenario, [_switch(d) for d in recorder.deviations])
    first = _outcome(kernel, explicit, scheduler, trace=trace)
    again = run(kernel, explicit, oracles=oracles)
    if (
        str(again.verdict) == str(first.verdict)
        and again.trace is not None
        and again.trace.digest() == trace.digest()
    ):
        return again
    return Outcome(
        first.kernel,
        explicit,
        first.steps,
        trace=trace,
        problem=Nondeterminism(
            f"the same schedule led to {first.kind or 'nothing'} and then to "
            f"{again.kind or 'nothing'}; look for sets, hash(), id(), time or random in the kernel"
        ),
    )


def check_determinism(
    kernel: type[Kernel], scenario: Scenario, policy: Policy, *, oracles: Oracles = ALL
) -> None:
    """Run ``scenario``'s programs twice under one schedule and compare every choice met.

    Raises :class:`Nondeterminism` if they differ: nothing found on such a kernel means anything.
    What else a run can say instead of a verdict, :class:`Stuck` say, is raised as well.
    """
    plan = Plan(scenario)

    async def twice(driver: Driver) -> Problem | None:
        recorded = Recorded(policy)
        first = await execute(driver, kernel, plan, recorded, oracles=oracles)
        if isinstance(first.failure, Problem) and not isinstance(first.failure, StepLimit):
            return first.failure  # which may have taken seconds to see: not once more
        compared = Compared(recorded)
        second = await execute(driver, kernel, plan, compared, oracles=oracles)
        compared.verify(first.failure, second.failure)
        return None

    problem = drive(twice)
    if problem is not None:
        raise problem


def with_schedule(scenario: Scenario, schedule: Iterable[Switch]) -> Scenario:
    """``scenario`` under another schedule."""
    return replace(scenario, schedule=tuple(schedule))


def _outcome(
    kernel: type[Kernel],
    scenario: Scenario,
    scheduler: Scheduler,
    *,
    trace: Trace | None = None,
    missed: Switch | None = None,
) -> Outcome:
    failure = scheduler.failure
    return Outcome(
        kernel.name,
        scenario,
        scheduler.steps,
        verdict=failure if isinstance(failure, Verdict) else None,
        problem=failure if isinstance(failure, Problem) else None,
        missed=missed,
        trace=trace,
    )


def deviations(scenario: Scenario) -> list[Deviation]:
    """The scenario's schedule as the scheduler's :class:`Replay` takes it."""
    return [Deviation(s.cpu, s.at, s.nth, s.run, s.value, s.step) for s in scenario.schedule]


def _switch(deviation: Deviation) -> Switch:
    return Switch(
        cpu=deviation.task,
        at=deviation.label,
        nth=deviation.nth,
        run=deviation.run,
        value=deviation.value,
        step=deviation.step,
    )
