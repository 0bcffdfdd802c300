"""What hardware may do of its own accord, as often as the scenario's fault plan allows."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from fuzzcopy.machine import Cpu
from fuzzcopy.sched import Event

if TYPE_CHECKING:
    from fuzzcopy.world.world import World


class Hazards:
    """Posts the spontaneous events of a run, and withdraws them when the budget is spent."""

    def __init__(self, world: World) -> None:
        self._scheduler = world.scheduler
        faults = world.plan.scenario.faults
        cpus = world.machine.cpus[: len(world.plan.scenario.cpus)]
        self._post("tlb.evict", faults.evictions, cpus, self._evict)
        self._post("tlb.fill", faults.fills, cpus, self._fill)
        for s, slot, offset in faults.poison:
            world.machine.mmu.poison(f"mm{s}", world.plan.address(slot, offset))
        for kind, f, page in faults.errors:
            world.machine.disk.fail_next(kind, (f"f{f}", page))

    def _post(self, kind: str, budget: int, cpus: list[Cpu], happen: Callable[[Cpu], None]) -> None:
        left = budget
        events: list[Event] = []

        def fire(cpu: Cpu) -> None:
            nonlocal left
            happen(cpu)
            left -= 1
            if left == 0:
                for event in events:
                    self._scheduler.withdraw(event)

        if budget:
            for cpu in cpus:
                event = Event(f"{kind} {cpu}", partial(fire, cpu), spontaneous=True, lasting=True)
                events.append(event)
                self._scheduler.post(event)

    def _evict(self, cpu: Cpu) -> None:
        """A CPU forgets a translation: the youngest, unless the schedule says otherwise."""
        self._scheduler.touch(cpu.tlb)
        keys = list(cpu.tlb.entries)
        if keys:
            cpu.tlb.drop(keys[-1 - self._scheduler.integer("tlb.victim", len(keys))])

    def _fill(self, cpu: Cpu) -> None:
        """A CPU caches a translation that is in its page table, because it guesses so."""
        table = cpu.table
        self._scheduler.touch(cpu.tlb)
        self._scheduler.touch(cpu.name, False)
        if table is None:
            return
        self._scheduler.touch(f"{table.name}:*")
        known = cpu.tlb.entries
        fresh = [vpn for vpn in sorted(table.entries) if (table.name, vpn) not in known]
        if fresh:
            vpn = fresh[self._scheduler.integer("tlb.guess", len(fresh))]
            cpu.tlb.fill((table.name, vpn), table.entries[vpn])
