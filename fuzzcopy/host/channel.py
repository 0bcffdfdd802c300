"""Messages over a socket: a length and that many bytes of msgpack, or bytes alone."""

from __future__ import annotations

import select
import socket
import struct
import time
from typing import Any

import msgspec

_HEAD = struct.Struct("!Q")
MAX_BYTES = 64 << 20


class Closed(Exception):
    """The other side is gone."""


class TooLate(Exception):
    """Nothing came in time."""


def send(connection: socket.socket, message: object) -> None:
    """Send one message. Raises :class:`Closed`."""
    data = msgspec.msgpack.encode(message)
    try:
        connection.sendall(_HEAD.pack(len(data)) + data)
    except OSError as error:
        raise Closed(str(error)) from None


def arrives(connection: socket.socket, timeout: float) -> bool:
    """Whether a message, or its beginning, comes within ``timeout`` seconds."""
    return bool(select.select([connection], [], [], timeout)[0])


def receive(connection: socket.socket, kind: Any = Any, *, timeout: float | None = None) -> Any:
    """The next message, of type ``kind``, within ``timeout`` seconds.

    Raises :class:`Closed`, :class:`TooLate`.
    """
    deadline = None if timeout is None else time.monotonic() + timeout
    [length] = _HEAD.unpack(_exactly(connection, _HEAD.size, deadline))
    if length > MAX_BYTES:
        raise Closed("that is no message")
    return msgspec.msgpack.decode(_exactly(connection, length, deadline), type=kind)


def _exactly(connection: socket.socket, length: int, deadline: float | None) -> bytes:
    data = bytearray()
    while len(data) < length:
        if deadline is not None:
            left = max(deadline - time.monotonic(), 0)
            if not arrives(connection, left):
                raise TooLate
        try:
            part = connection.recv(length - len(data))
        except ConnectionError as error:
            raise Closed(str(error)) from None
        if not part:
            raise Closed("end of stream")
        data += part
    return bytes(data)
