"""Concurrent programs: a thread per CPU, page faults and server answers held as the schedule says.

At each turn everything is at rest: every thread has ended its operation, or is held at a gate, or
sleeps behind one that is. Then one thing happens: a gate is opened (the default), or a thread
begins its next operation. The schedule's switches ``host turn N`` say at which turns another choice
than the first is taken. So a copy can be stopped in the middle while others do what they can.
"""

from __future__ import annotations

import os
import select
from collections.abc import Sequence
from errno import EFAULT
from itertools import count

from msgspec.structs import replace

from fuzzcopy.host import syscalls as sys
from fuzzcopy.host.executor import Executor
from fuzzcopy.host.gates import Fault, Gates
from fuzzcopy.host.held import Held, Request
from fuzzcopy.host.job import Job, Seen
from fuzzcopy.host.memory import address_of
from fuzzcopy.host.scale import HOST_PAGE
from fuzzcopy.host.threads import Thread
from fuzzcopy.scenario import Load, Operation, Read, Store, Switch

_SETTLED = 0.001
"""Seconds without news after which threads are looked at."""


def turn(number: int, choice: int) -> Switch:
    """The schedule's switch to another choice than the first at a turn."""
    return Switch("host", "turn", number, value=choice)


class Conductor:
    """Runs the programs of several CPUs at once. ``control`` is the FUSE server's socket, if any.

    Without userfaultfd, programs run without gates in memory.
    """

    def __init__(self, executor: Executor, control: str) -> None:
        self._executor = executor
        self._bell = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._clock = count()
        self._threads: list[Thread] = []
        self._held = Held(control) if control else None
        self._gates: Gates | None = None
        self._waiting: list[Fault | Request] = []
        self.count = 0

    def run(self, job: Job, setting: str) -> Seen:
        """Run all programs to their end, however long it takes: whoever asked has a clock."""
        executor, cpus = self._executor, job.scenario.cpus
        while len(self._threads) < len(cpus):
            self._threads.append(Thread(self._clock, self._bell))
        threads = self._threads[: len(cpus)]
        for thread in threads:
            thread.clear()
        executor.files.established = executor.files.missed = 0
        executor.prepare(job, setting)
        self._register(job)
        try:
            self._conduct(job, threads)
        finally:
            self._release()
        seen = executor.look(
            job, setting, [t.results for t in threads], [t.loads for t in threads], evicted=True
        )
        reads = [t.reads for t in threads]
        return replace(seen, reads=reads, times=[t.times for t in threads], gates=self.count)

    def _register(self, job: Job) -> None:
        self.count = 0
        self._waiting.clear()
        try:
            self._gates = Gates()
        except OSError:
            self._gates = None
        else:
            for mapping in job.scenario.spaces[0].mappings:
                self._gates.register(
                    address_of(mapping.slot),
                    mapping.pages * HOST_PAGE,
                    file=mapping.file is not None,
                )
        if self._held is not None:
            self._held.requests()
            self._held.tell("everything")

    def _release(self) -> None:
        if self._gates is not None:
            self._gates.close()
            self._gates = None
        if self._held is not None:
            self._held.tell("clear")
            self._held.requests()

    def _conduct(self, job: Job, threads: list[Thread]) -> None:
        switches = {s.nth: s.value for s in job.scenario.schedule if s.at == "turn"}
        begun = [0] * len(threads)
        programs = [cpu.program for cpu in job.scenario.cpus]
        for turn in count():
            self._settle(threads)
            idle = [
                c
                for c, thread in enumerate(threads)
                if not thread.busy and begun[c] < len(programs[c])
            ]
            choices: list[Fault | Request | int] = [*self._waiting, *idle]
            if not choices:
                if not any(thread.busy for thread in threads):
                    return
                self._listen(None)
                continue
            choice = choices[min(switches.get(turn, 0), len(choices) - 1)]
            if isinstance(choice, int):
                i = begun[choice]
                begun[choice] += 1
                data = job.stores[choice][i]
                threads[choice].begin(self._perform, programs[choice][i], data)
            else:
                self._open(choice)

    def _settle(self, threads: list[Thread]) -> None:
        """Wait until every busy thread is held, or sleeps behind somebody who is."""
        while any(thread.busy for thread in threads):
            if self._listen(_SETTLED):
                continue
            held = {w.thread for w in self._waiting if isinstance(w, Fault)}
            if all(t.number in held or t.is_blocked() for t in threads if t.busy):
                return

    def _listen(self, timeout: float | None) -> bool:
        """Take in what has happened; false if nothing has within ``timeout`` seconds."""
        if self._held is not None and self._note(self._held.requests()):
            return True
        sources: list[int] = [self._bell]
        if self._gates is not None:
            sources.append(self._gates.descriptor)
        if self._held is not None:
            sources.append(self._held.fileno())
        ready = select.select(sources, [], [], timeout)[0]
        if self._bell in ready:
            os.eventfd_read(self._bell)
        if self._gates is not None and self._gates.descriptor in ready:
            self._note(list(self._gates.faults()))
        return bool(ready)

    def _note(self, new: Sequence[Fault | Request]) -> bool:
        self._waiting += new
        self.count += len(new)
        return bool(new)

    def _open(self, gate: Fault | Request) -> None:
        self._waiting.remove(gate)
        if isinstance(gate, Fault):
            assert self._gates is not None
            self._gates.open(gate)
        else:
            assert self._held is not None
            self._held.tell("release", gate.number)

    def _perform(self, operation: Operation, data: bytes) -> tuple[int, bytes, bytes]:
        """One operation, with loads and stores by the kernel's hand.

        Another thread may take the memory away at any time; a signal would end us all.
        """
        if isinstance(operation, Load):
            loaded = sys.read_some(address_of(operation.slot, operation.offset), operation.length)
            return (len(loaded) if len(loaded) == operation.length else -EFAULT), loaded, b""
        if isinstance(operation, Store):
            done = sys.write_own(address_of(operation.slot, operation.offset), data)
            return (done if done == len(data) else -EFAULT), b"", b""
        result, loaded = self._executor.perform(operation, data)
        read = b""
        if isinstance(operation, Read) and result > 0:
            for segment in operation.buffer:
                part = min(segment.length, result - len(read))
                read += sys.read_some(address_of(segment.slot, segment.offset), part)
        return result, loaded, read
