"""Sleep in atomic context."""

from __future__ import annotations

from fuzzcopy.oracles.oracle import Oracle
from fuzzcopy.sched import Lock, Resource, Task, Verdict
from fuzzcopy.world import World


class SleepInAtomic(Verdict):
    """Something that may sleep, where sleeping is forbidden."""

    kind = "sleep in atomic context"


class AtomicOracle(Oracle):
    """Nobody sleeps with page faults disabled, a spin lock held or interrupts off.

    A sleeping lock counts even if it was free: next time it will not be (``might_sleep``).
    """

    def begin(self, world: World) -> None:
        super().begin(world)
        self._cpus = world.machine.cpus
        self._spinning = world.scheduler.spinning

    def lock_wanted(self, task: Task, lock: Lock, sleeps: bool) -> None:
        if sleeps:
            cpu = self._cpus[task.index]
            # The common case, without a call: nothing here forbids anything.
            if cpu.faults_disabled or not cpu.interrupts_enabled or self._spinning:
                self._check(task, "takes the", lock)

    def sleeping(self, task: Task, resource: Resource) -> None:
        self._check(task, "waits for", resource)

    def _check(self, task: Task, verb: str, resource: Resource) -> None:
        cpu = self._cpus[task.index]
        if cpu.faults_disabled:
            why = "with page faults disabled"
        elif not cpu.interrupts_enabled:
            why = "with interrupts off"
        else:
            held = [lock for lock in self._spinning if task in lock.holders]
            if not held:
                return
            why = f"holding the {held[0].description}"
        self.fail(SleepInAtomic(f"{cpu} {verb} {resource.description} {why}"))
