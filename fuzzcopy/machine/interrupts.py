"""Interprocessor interrupts: sent to a mask, taken between instructions, acknowledged."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from fuzzcopy.machine.cpu import Cpu
from fuzzcopy.sched import Completion, Event, Scheduler, Task


class Acknowledgements(Completion):
    """Completes when every target has run the handler.

    A CPU with interrupts disabled owes its acknowledgement as a task: waiting for it can close
    a cycle.
    """

    kind = "ipi"

    def __init__(self, scheduler: Scheduler, name: str, targets: Sequence[Cpu]) -> None:
        super().__init__(scheduler, name, sleeps=False)
        self.missing = list(targets)

    def blockers(self, task: Task) -> Sequence[Task]:
        """The programs of the targets that have interrupts off."""
        return [
            cpu.task for cpu in self.missing if cpu.task is not None and not cpu.interrupts_enabled
        ]

    def acknowledge(self, cpu: Cpu) -> None:
        """``cpu`` has run the handler."""
        self.missing.remove(cpu)
        if not self.missing:
            self.complete()


def send_ipi(
    scheduler: Scheduler, sender: Cpu, targets: Sequence[Cpu], handler: Callable[[Cpu], None]
) -> Acknowledgements:
    """Interrupt ``targets``; each runs ``handler`` when it next takes interrupts."""
    acks = Acknowledgements(scheduler, f"ipi acks for {sender}", targets)
    if not targets:
        acks.complete()
    for cpu in targets:
        event = Event(f"ipi {sender}->{cpu}", _nothing)

        def take(cpu: Cpu = cpu, event: Event = event) -> None:
            cpu.pending.remove(event)
            for tell in scheduler.bus.ipi_taken:
                tell(cpu, sender)
            event.fire = _nothing  # it knows itself through this function
            handler(cpu)
            acks.acknowledge(cpu)

        event.fire = take
        event.enabled = cpu.interruptible
        cpu.pending.append(event)
        scheduler.post(event)
    for tell in scheduler.bus.ipi_sent:
        tell(sender, targets)
    return acks


def _nothing() -> None:
    return
