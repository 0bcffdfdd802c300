"""Run plain async programs under the scheduler, with no kernel in sight."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from fuzzcopy.sched.driver import Driver, drive
from fuzzcopy.sched.errors import Nondeterminism
from fuzzcopy.sched.policies.determinism import Compared, Recorded
from fuzzcopy.sched.policies.policy import Policy
from fuzzcopy.sched.scheduler import Scheduler
from fuzzcopy.sched.watch import Bus, Watcher

Setup = Callable[[Scheduler], object]


def run(
    setup: Setup,
    policy: Policy | None = None,
    *,
    watchers: Sequence[Watcher] = (),
    max_steps: int = 5_000,
    check_determinism: bool = False,
) -> Scheduler:
    """Run what ``setup(scheduler)`` spawns, once, and return the scheduler.

    Its ``failure`` is ``None``, a :class:`Verdict` or a :class:`Problem`. With
    ``check_determinism`` every schedule is run twice and the choices compared.
    """
    return next(
        iter(
            run_many(
                setup,
                [policy or Policy()],
                watchers=watchers,
                max_steps=max_steps,
                check_determinism=check_determinism,
            )
        )
    )


def run_many(
    setup: Setup,
    policies: Iterable[Policy],
    *,
    watchers: Sequence[Watcher] = (),
    max_steps: int = 5_000,
    check_determinism: bool = False,
) -> list[Scheduler]:
    """Run ``setup`` once per policy inside one ``trio.run``; stop after the first failure."""

    async def once(driver: Driver, policy: Policy) -> Scheduler:
        scheduler = Scheduler(policy, bus=Bus(watchers), max_steps=max_steps)
        setup(scheduler)
        await driver.run(scheduler)
        return scheduler

    async def each(driver: Driver) -> list[Scheduler]:
        done = []
        for policy in policies:
            if check_determinism:
                recorded = Recorded(policy)
                first = await once(driver, recorded)
                compared = Compared(recorded)
                second = await once(driver, compared)
                try:
                    compared.verify(first.failure, second.failure)
                except Nondeterminism as problem:
                    first.failure = problem
                done.append(first)
            else:
                done.append(await once(driver, policy))
            if done[-1].failure is not None:
                break
        return done

    return drive(each)
