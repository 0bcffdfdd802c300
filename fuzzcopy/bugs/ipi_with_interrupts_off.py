"""Two CPUs wait for each other's acknowledgement, and neither listens."""

from __future__ import annotations

from collections.abc import Sequence

from fuzzcopy.bugs.bug import Bug
from fuzzcopy.kernel import AddressSpace, Shootdown
from fuzzcopy.machine import Cpu


class FlushWithInterruptsOff(Shootdown):
    """Sends the interrupts and waits for the acknowledgements with interrupts disabled."""

    async def flush(self, cpu: Cpu, space: AddressSpace, vpns: Sequence[int]) -> None:
        cpu.disable_interrupts()
        await super().flush(cpu, space, vpns)
        cpu.enable_interrupts()


class IpiWithInterruptsOff(Bug):
    """A TLB shootdown is sent with interrupts disabled: two of them wait for each other for ever.

    Each CPU waits until the other has run its handler, and neither takes interrupts while it
    waits. Linux warns about it since 2.6 (``smp_call_function`` with interrupts off), and every
    port that forgets is bitten once.
    """

    name = "ipi-with-interrupts-off"
    year = 2004
    verdicts = ("deadlock",)
    fixed_by = "WARN_ON(irqs_disabled()) in smp_call_function"
    smallest = (2, 2, 0)
    shootdown_path = FlushWithInterruptsOff
