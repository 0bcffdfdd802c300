"""Keeping a schedule in place when an operation before it is left out.

A schedule says "when cpu0 comes by its fifth ``pte.read``". Without the operation that had the
first three of them it must say "second": else it never comes true and the failure seems gone.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from fuzzcopy.kernel import Kernel
from fuzzcopy.machine import Cpu
from fuzzcopy.oracles import ALL
from fuzzcopy.runner import run
from fuzzcopy.runner.runner import Oracles
from fuzzcopy.scenario import Operation, Scenario, Switch
from fuzzcopy.world import World, WorldWatcher


class Boundaries(WorldWatcher):
    """How often each CPU had come by each label when each of its operations began."""

    def __init__(self) -> None:
        self.counts: dict[tuple[str, int], dict[str, int]] = {}

    def world_built(self, world: World) -> None:
        self._scheduler = world.scheduler

    def operation_begun(self, cpu: Cpu, number: int, operation: Operation) -> None:
        name = f"cpu{cpu.index}"
        for task in self._scheduler.tasks:
            if task.name == name:
                self.counts[name, number] = dict(task.counts)


def boundaries(kernel: type[Kernel], scenario: Scenario, *, oracles: Oracles = ALL) -> Boundaries:
    """Run ``scenario`` once more and see where its operations begin."""
    seen = Boundaries()
    run(kernel, scenario, oracles=oracles, watchers=[seen])
    return seen


def reanchored(whole: Scenario, part: Scenario, seen: Boundaries) -> Scenario | None:
    """``part``, which is ``whole`` without one operation, under the schedule moved to fit.

    ``None`` if that is not what it is, or nothing has to be moved.
    """
    left_out = _left_out(whole, part)
    if left_out is None:
        return None
    cpu, number = left_out
    name = f"cpu{cpu}"
    before = seen.counts.get((name, number))
    after = seen.counts.get((name, number + 1))
    if before is None or after is None:
        return None
    schedule: list[Switch] = []
    for switch in part.schedule:
        first, last = before.get(switch.at, 0), after.get(switch.at, 0)
        if switch.cpu != name or switch.nth <= first:
            schedule.append(switch)
        elif switch.nth > last:
            schedule.append(replace(switch, nth=switch.nth - (last - first)))
    moved = tuple(schedule)
    return None if moved == part.schedule else replace(part, schedule=moved)


def _left_out(whole: Scenario, part: Scenario) -> tuple[int, int] | None:
    """The CPU and the number of the one operation that ``part`` lacks."""
    if len(whole.cpus) != len(part.cpus):
        return None
    changed = [i for i, cpu in enumerate(whole.cpus) if cpu != part.cpus[i]]
    if len(changed) != 1:
        return None
    [cpu] = changed
    long: Sequence[Operation] = whole.cpus[cpu].program
    short: Sequence[Operation] = part.cpus[cpu].program
    for number in range(len(long)):
        if (*long[:number], *long[number + 1 :]) == tuple(short):
            return cpu, number
    return None
