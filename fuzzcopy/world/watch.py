"""The events of programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fuzzcopy.kernel import KernelWatcher

if TYPE_CHECKING:
    from fuzzcopy.machine import Cpu
    from fuzzcopy.scenario import Operation
    from fuzzcopy.world.world import World


class WorldWatcher(KernelWatcher):
    """Sees everything: programs, kernel, machine, scheduler."""

    def world_built(self, world: World) -> None:
        """Machine and kernel are set up; no program has begun."""

    def operation_begun(self, cpu: Cpu, number: int, operation: Operation) -> None:
        """``cpu`` begins the ``number``-th operation of its program."""

    def operation_ended(self, cpu: Cpu, number: int, operation: Operation, result: int) -> None:
        """The operation returned ``result``: a count, 0, or a negative errno."""
