"""A file system to run programs on, and what comes of one program there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from msgspec.structs import replace

from fuzzcopy.host.compare import Comparison, Difference
from fuzzcopy.host.explain import produced_by_model, unexplained
from fuzzcopy.host.files import REMOUNTED, SETTINGS
from fuzzcopy.host.job import Job, Seen
from fuzzcopy.host.known import Row
from fuzzcopy.host.lower import lower
from fuzzcopy.host.mounts import DISKS
from fuzzcopy.host.reference import Expected, observe
from fuzzcopy.host.sandbox import Died, Hung, Mounted, Sandbox, Worker
from fuzzcopy.scenario import Scenario
from fuzzcopy.sched import Driver, drive
from fuzzcopy.world import Plan


@dataclass(slots=True)
class Tally:
    """What was done: ``runs`` of a program, page states ``established`` or ``missed``.

    Of the ``concurrent`` runs, ``gates`` times something was held, and ``only_explained`` outcomes
    are explained by some order although none of the model's schedules that were tried has them.
    """

    runs: int = 0
    concurrent: int = 0
    gates: int = 0
    only_explained: int = 0
    remounts: int = 0
    established: int = 0
    missed: int = 0
    known: Counter[str] = field(default_factory=Counter)
    reasons: dict[str, Row] = field(default_factory=dict)

    def add(self, fs: str, seen: Seen, rows: Sequence[Row]) -> None:
        """Count one run on ``fs``, and the known differences it met."""
        self.runs += 1
        self.established += seen.established
        self.missed += seen.missed
        for row in rows:
            key = f"{fs}: {row.operation}"
            self.known[key] += 1
            self.reasons[key] = row


class Target:
    """The directory of one file system, and the process that works there."""

    def __init__(self, sandbox: Sandbox, fs: str, where: Mounted) -> None:
        self.fs = fs
        self.where = where
        self.tally = Tally()
        self._sandbox = sandbox
        self._worker: Worker | None = None
        self._last: tuple[Plan, Expected] | None = None

    def begin(self, job: Job) -> None:
        """Have ``job`` performed; :meth:`end` has what came of it.

        The files of the program before are gone with it.
        """
        if self._worker is None:
            self._worker = self._sandbox.worker(self.where, evictable=self.fs != "tmpfs")
        self._worker.begin(job)
        self._begun, self._last = job, None

    def end(self) -> list[Seen] | Difference:
        """What the job showed. A hang, or the death of the process, is a difference as well."""
        assert self._worker is not None
        try:
            return self._worker.end()
        except (Hung, Died) as trouble:
            self._worker = None
            kind = "hang" if isinstance(trouble, Hung) else "crash"
            lines = trouble.stacks if isinstance(trouble, Hung) else []
            message = "\n".join([str(trouble), *lines])
            return Difference(kind, kind, message, self._begun.settings[0])

    def run(self, job: Job) -> list[Seen] | Difference:
        """Perform ``job`` and wait for what comes of it."""
        self.begin(job)
        return self.end()

    def check(
        self, plan: Plan, expected: Expected | None, *, settings: Sequence[str] = SETTINGS
    ) -> Difference | None:
        """Run a program from each of ``settings``: the first difference to the model."""
        job = lower(plan, settings[:1] if expected is None else settings)
        came = self.run(job)
        return drive(lambda driver: self.judge(driver, plan, expected, job, came))

    async def judge(
        self,
        driver: Driver,
        plan: Plan,
        expected: Expected | None,
        job: Job,
        came: list[Seen] | Difference,
    ) -> Difference | None:
        """The first difference between what ``came`` of a job and the model."""
        if isinstance(came, Difference):
            return came
        if expected is None:
            return await self._explain(driver, plan, job, came[0])
        comparison = Comparison(plan, expected, self.fs)
        comparable = True
        for seen in came:
            found = comparison.difference(seen)
            self.tally.add(self.fs, seen, comparison.known)
            if found is not None:
                return found
            comparable = not comparison.known
        self._last = (plan, expected) if comparable else None
        return None

    def check_remounted(self) -> Difference | None:
        """Mount the file system afresh: what the last program left must be there."""
        last, self._last = self._last, None
        if last is None or self.fs not in DISKS or not self.where.own:
            return None
        plan, expected = last
        self.close()
        self._sandbox.remount(self.fs)
        self.tally.remounts += 1
        came = self.run(lower(plan, [REMOUNTED]))
        if isinstance(came, Difference):
            return came
        return Comparison(plan, expected, self.fs).difference(replace(came[0], memory=[]))

    async def _explain(self, driver: Driver, plan: Plan, job: Job, seen: Seen) -> Difference | None:
        tally = self.tally
        tally.add(self.fs, seen, ())
        tally.concurrent += 1
        tally.gates += seen.gates
        if await produced_by_model(driver, plan, seen, self.fs):
            return None
        found = unexplained(job, seen)
        if found is None:
            tally.only_explained += 1
        return found

    def spent(self) -> float:
        """Seconds that the process that works here has spent on a CPU."""
        return 0.0 if self._worker is None else self._worker.spent()

    def close(self) -> None:
        """End the process."""
        if self._worker is not None:
            self._worker.close()
            self._worker = None


def expectation(scenario: Scenario) -> tuple[Plan, Expected | None]:
    """What the reference kernel says of ``scenario``. Raises what goes wrong there.

    Nothing beforehand if it has several CPUs: what they may do is looked for afterwards.
    """
    plan = Plan(scenario)
    if len(scenario.cpus) > 1:
        return plan, None

    async def once(driver: Driver) -> Expected:
        return await observe(driver, plan)

    return plan, drive(once)
