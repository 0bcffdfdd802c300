"""A forked process: a copy of our address space, which performs what it is told to."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable

from msgspec import Struct

from fuzzcopy.host import syscalls as sys
from fuzzcopy.host.channel import Closed, receive, send
from fuzzcopy.scenario import Operation

Perform = Callable[[Operation, bytes], tuple[int, bytes]]
"""An operation's result, and what it loaded."""
Pages = Callable[[list[int], int], dict[int, bytes | None]]
"""The pages of slots, so many each."""


class _Ask(Struct):
    """To do: an operation, or, without one, to show the memory."""

    operation: Operation | None
    data: bytes = b""
    slots: list[int] = []
    count: int = 0


class Child:
    """The process made by this fork(). It ends with :meth:`close`, or with us."""

    def __init__(self, perform: Perform, pages: Pages) -> None:
        self._connection, theirs = socket.socketpair()
        parent = os.getpid()
        self._pid = os.fork()
        if self._pid == 0:
            try:
                sys.die_with_parent(signal.SIGKILL)
                self._connection.close()
                if os.getppid() == parent:
                    _serve(theirs, perform, pages)
            finally:
                os._exit(0)
        theirs.close()

    def perform(self, operation: Operation, data: bytes) -> tuple[int, bytes]:
        """Have it perform an operation."""
        send(self._connection, _Ask(operation, data))
        result, loaded = receive(self._connection, tuple[int, bytes])
        return result, loaded

    def pages(self, slots: list[int], count: int) -> dict[int, bytes | None]:
        """The pages that it sees."""
        send(self._connection, _Ask(None, slots=slots, count=count))
        seen: dict[int, bytes | None] = receive(self._connection, dict[int, bytes | None])
        return seen

    def close(self) -> None:
        """End it: its memory is gone when this returns."""
        self._connection.close()
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)


def _serve(connection: socket.socket, perform: Perform, pages: Pages) -> None:
    try:
        while True:
            ask: _Ask = receive(connection, _Ask)
            if ask.operation is None:
                send(connection, pages(ask.slots, ask.count))
            else:
                send(connection, perform(ask.operation, ask.data))
    except Closed:
        return
