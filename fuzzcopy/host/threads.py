"""Threads that each perform the operations of one CPU, one when they are told to."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from queue import SimpleQueue

from fuzzcopy.scenario import Operation

Perform = Callable[[Operation, bytes], tuple[int, bytes, bytes]]
"""An operation's result, what it loaded, and what it read."""

_FUTEX = {"x86_64": "202", "aarch64": "98", "riscv64": "98"}.get(os.uname().machine, "")


class Thread:
    """One CPU's thread. ``busy``: it is inside an operation.

    ``results``, ``loads``, ``reads`` and ``times`` are those of its operations; times are pairs of
    positions in the order in which operations of all threads began and ended.
    """

    def __init__(self, clock: count[int], bell: int) -> None:
        self.busy = False
        self.clear()
        self._clock = clock
        self._bell = bell
        self._work: SimpleQueue[tuple[Perform, Operation, bytes] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def clear(self) -> None:
        """Forget the operations of the program before."""
        self.results: list[int] = []
        self.loads: list[bytes] = []
        self.reads: list[bytes] = []
        self.times: list[tuple[int, int]] = []

    @property
    def number(self) -> int:
        """What the kernel calls it."""
        return self._thread.native_id or 0

    def begin(self, perform: Perform, operation: Operation, data: bytes) -> None:
        """Let it perform one operation; the bell rings when it is over."""
        self.busy = True
        self._work.put((perform, operation, data))

    def is_blocked(self) -> bool:
        """Whether it sleeps in the kernel for something else than its next operation."""
        task = f"/proc/self/task/{self.number}"
        with suppress(OSError), open(f"{task}/stat", "rb") as file:
            if file.read().rpartition(b")")[2].split()[0] not in (b"S", b"D"):
                return False
            with open(f"{task}/syscall", encoding="ascii") as what:
                return what.read().split()[0] not in (_FUTEX, "running")
        return False

    def _run(self) -> None:
        while (work := self._work.get()) is not None:
            perform, operation, data = work
            begun = next(self._clock)
            result, loaded, read = perform(operation, data)
            self.times.append((begun, next(self._clock)))
            self.results.append(result)
            self.loads.append(loaded)
            self.reads.append(read)
            self.busy = False
            os.eventfd_write(self._bell, 1)
