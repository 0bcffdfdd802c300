"""The process that performs programs: does what it is told, and dies with its supervisor."""

from __future__ import annotations

import signal
import socket
import sys as python
from pathlib import Path

from fuzzcopy.host import syscalls as sys
from fuzzcopy.host.channel import Closed, receive, send
from fuzzcopy.host.conductor import Conductor
from fuzzcopy.host.executor import Executor
from fuzzcopy.host.job import Job, Seen

LEFT_OVER = b"left over from before fuzzcopy's programs; nobody wrote this. "
"""What free memory and free disk blocks are filled with beforehand, over and over."""

_FILLED = 32 << 20


def main() -> None:
    """``python -m fuzzcopy.host.worker DESCRIPTOR DIRECTORY EVICTABLE CONTROL``."""
    sys.die_with_parent(signal.SIGKILL)
    number, directory, evictable, control = python.argv[1:]
    connection = socket.socket(fileno=int(number))
    fill_free_memory()
    executor = Executor(Path(directory), evictable=evictable == "1")
    conductor = Conductor(executor, control)
    try:
        while True:
            job = receive(connection, Job)
            if len(job.scenario.cpus) == 1:
                send(connection, perform(executor, job))
            else:
                send(connection, [conductor.run(job, setting) for setting in job.settings])
    except Closed:
        return


def perform(executor: Executor, job: Job) -> list[Seen]:
    """Run the job from each of its settings; the first is also looked at after eviction."""
    return [executor.run(job, setting, evicted=i == 0) for i, setting in enumerate(job.settings)]


def fill_free_memory() -> None:
    """Leave a known text in memory that the kernel may give out next."""
    address = sys.mmap(
        0, _FILLED, sys.PROT_READ | sys.PROT_WRITE, sys.MAP_PRIVATE | sys.MAP_ANONYMOUS
    )
    if address > 0:
        sys.store(address, (LEFT_OVER * (_FILLED // len(LEFT_OVER) + 1))[:_FILLED])
        sys.munmap(address, _FILLED)


if __name__ == "__main__":
    main()
