"""What an oracle is: a watcher that may end the run with a verdict."""

from __future__ import annotations

from typing import NoReturn

from fuzzcopy.sched import Verdict
from fuzzcopy.world import World, WorldWatcher


class Oracle(WorldWatcher):
    """Watches one run; never steers it. A new one is made for every run."""

    def begin(self, world: World) -> None:
        """The world is set up; nothing has happened in it yet."""
        self.world = world

    def finish(self) -> None:
        """All programs have ended and all I/O is drained, without any verdict so far."""

    def fail(self, verdict: Verdict, evidence: object = None) -> NoReturn:
        """End the run with ``verdict``; ``evidence`` (see there) is for who explains it."""
        verdict.evidence = evidence
        self.world.scheduler.fail(verdict)
