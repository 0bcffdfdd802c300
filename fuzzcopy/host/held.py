"""The executor's side of the FUSE server's control socket: requests that are held."""

from __future__ import annotations

import select
import socket
from collections import deque
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Request:
    """A READ or WRITE that the server holds."""

    number: int
    kind: str
    name: str
    offset: int
    length: int


class Held:
    """Requests held by the server at ``path``."""

    def __init__(self, path: str) -> None:
        self._connection = socket.socket(socket.AF_UNIX)
        self._connection.connect(path)
        self._rest = b""
        self._requests: deque[Request] = deque()

    def fileno(self) -> int:
        """For select."""
        return self._connection.fileno()

    def tell(self, *words: object) -> None:
        """Have the server do something, and wait until it has: whoever asked us has a clock."""
        self._connection.sendall(" ".join(map(str, words)).encode() + b"\n")
        while not self._take(self._part()):
            pass

    def requests(self) -> list[Request]:
        """What has been held since last asked."""
        while select.select([self._connection], [], [], 0)[0]:
            self._take(self._part())
        new = list(self._requests)
        self._requests.clear()
        return new

    def _part(self) -> bytes:
        part = self._connection.recv(4096)
        if not part:
            raise ConnectionError("the FUSE server is gone")
        return part

    def _take(self, part: bytes) -> bool:
        """Note the requests in what came; whether an answer was among it."""
        *lines, self._rest = (self._rest + part).split(b"\n")
        words = [line.decode().split() for line in lines]
        self._requests.extend(_request(line) for line in words if line != ["done"])
        return ["done"] in words

    def close(self) -> None:
        """Let everything go."""
        self._connection.close()


def _request(words: list[str]) -> Request:
    _, number, kind, name, offset, length = words
    return Request(int(number), kind, name, int(offset), int(length))
