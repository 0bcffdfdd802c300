"""The command's side of the supervisor: mounts and workers to be had, and gone with it."""

from __future__ import annotations

import socket
import subprocess
import sys
from contextlib import suppress
from types import TracebackType
from typing import NamedTuple

from fuzzcopy.host.channel import Closed, TooLate, arrives, receive, send
from fuzzcopy.host.job import Job, Seen
from fuzzcopy.host.mounts import CannotMount

_START = 120.0
_STOP = 20.0

PATIENCE = 10.0
"""Seconds after which a job counts as hung: without doing anything, or spent on the CPU."""

LOOK = PATIENCE / 2
"""Seconds after which one looks what a job does."""

_LONGEST = 12 * PATIENCE
"""Seconds after which it counts as hung whatever it does."""


class Hung(Exception):
    """A job did not end in time; ``stacks`` says where its threads are."""

    def __init__(self, stacks: list[str]) -> None:
        super().__init__("no end: nothing was done any more, or the same over and over")
        self.stacks = stacks


class Died(Exception):
    """The process that performed a job is gone."""


class CannotMake(Exception):
    """One line: where no directory can be made, and why."""


class Mounted(NamedTuple):
    """The directory of a file system, and the socket of the server that it has, if any.

    ``own``: it is a mount of our own, which nobody else uses.
    """

    directory: str
    control: str = ""
    own: bool = False


class Sandbox:
    """A supervisor and what it made for us. Use it as a context."""

    def __enter__(self) -> Sandbox:
        self._connection, theirs = socket.socketpair()
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "fuzzcopy.host.supervisor", str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        theirs.close()
        self._workers: list[Worker] = []
        hello = receive(self._connection, dict, timeout=_START)
        self.base: str = hello["base"]
        self.can_mount: bool = hello["own"]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for worker in self._workers:
            worker.disconnect()
        self._connection.close()
        try:
            self._process.wait(_STOP)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def ask(self, *words: str) -> list[str]:
        """Have the supervisor do something."""
        send(self._connection, words)
        answer: list[str] = receive(self._connection, list[str], timeout=_START)
        return answer

    def mount(self, fs: str, *, server: str = "fuzzcopy.host.fuse") -> Mounted:
        """A new file system; ``server`` is the module or file that serves it, if it is FUSE.

        Raises :class:`CannotMount`.
        """
        trouble, *where = self.ask("mount", fs, server)
        if trouble:
            raise CannotMount(trouble)
        directory, control = (*where, "")[:2]
        return Mounted(directory, control, own=True)

    def remount(self, fs: str) -> None:
        """Mount it afresh; nobody may be using it. Raises :class:`CannotMount`."""
        trouble = self.ask("remount", fs)
        if trouble:
            raise CannotMount(trouble[0])

    def directory(self, where: str) -> str:
        """A new directory in ``where``, gone in the end. Raises :class:`CannotMake`."""
        trouble, *made = self.ask("directory", where)
        if trouble:
            raise CannotMake(trouble)
        return made[0]

    def worker(self, where: Mounted, *, evictable: bool) -> Worker:
        """A process that performs jobs there."""
        [number] = self.ask("worker", where.directory, str(int(evictable)), where.control)
        _, descriptors, _, _ = socket.recv_fds(self._connection, 1, 1)
        worker = Worker(self, number, socket.socket(fileno=descriptors[0]))
        self._workers.append(worker)
        return worker


class Worker:
    """One process; after :class:`Hung` or :class:`Died` it is gone."""

    def __init__(self, sandbox: Sandbox, number: str, connection: socket.socket) -> None:
        self._sandbox = sandbox
        self._number = number
        self._connection = connection

    def begin(self, job: Job) -> None:
        """Have ``job`` performed, once from each of its settings."""
        with suppress(Closed):  # if it is gone, nothing comes back either
            send(self._connection, job)

    def end(self) -> list[Seen]:
        """What came of the job. Raises :class:`Hung`, :class:`Died`."""
        try:
            if not self._comes():
                raise TooLate
            seen: list[Seen] = receive(self._connection, list[Seen], timeout=_LONGEST)
        except TooLate:
            stacks = self._sandbox.ask("stacks", self._number)
            self.close()
            raise Hung(stacks) from None
        except Closed:
            self.close()
            raise Died("the process that performs programs has died") from None
        return seen

    def _comes(self) -> bool:
        """Wait for the job's end; false if it has none. Who only waits for a CPU is not hung."""
        looks: list[list[str]] = []
        while not arrives(self._connection, LOOK):
            looks.append(self._sandbox.ask("activity", self._number))
            spent, _, waiting = looks[-1]
            still = waiting == "0" and len(looks) > 1 and looks[-1] == looks[-2]
            spins = float(spent) - float(looks[0][0]) > PATIENCE
            if still or spins or len(looks) * LOOK > _LONGEST:
                return False
        return True

    def spent(self) -> float:
        """Seconds that the process has spent on a CPU."""
        return float(self._sandbox.ask("activity", self._number)[0])

    def disconnect(self) -> None:
        """Let go of the process: it ends by itself."""
        self._connection.close()

    def close(self) -> None:
        """End the process."""
        self.disconnect()
        with suppress(Closed, TooLate):
            self._sandbox.ask("end", self._number)
