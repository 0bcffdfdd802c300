"""Page faults that stop until we say so: userfaultfd(2), by ctypes.

A system call whose copy touches a registered page that is not there sleeps in the fault, with
whatever locks it holds there, until the gate is opened. Anonymous memory can be gated, and files of
tmpfs; mappings of other file systems cannot (EINVAL).
"""

from __future__ import annotations

import errno
import fcntl
import os
import struct
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from fuzzcopy.host import syscalls as sys
from fuzzcopy.host.scale import HOST_PAGE

_API, _REGISTER, _ZEROPAGE, _CONTINUE = 0xC018AA3F, 0xC020AA00, 0xC020AA04, 0xC020AA07
_WAKE = 0x8010AA02
_VERSION = 0xAA
_EXACT_ADDRESS, _THREAD_ID, _MINOR_SHMEM, _MISSING_SHMEM = 1 << 11, 1 << 8, 1 << 10, 1 << 5
_MODE_MISSING, _MODE_MINOR = 1, 4
_PAGEFAULT = 0x12
_FLAG_MINOR = 4
_MESSAGE = 32


@dataclass(frozen=True, slots=True)
class Fault:
    """Thread ``thread`` waits at ``address``; ``minor``: its page is cached, only not mapped."""

    thread: int
    address: int
    minor: bool


class Gates:
    """One userfaultfd. Raises :class:`OSError` where there is none to be had."""

    def __init__(self) -> None:
        self.descriptor = sys.userfaultfd(os.O_CLOEXEC | os.O_NONBLOCK)
        features = _EXACT_ADDRESS | _THREAD_ID | _MINOR_SHMEM | _MISSING_SHMEM
        try:
            fcntl.ioctl(self.descriptor, _API, struct.pack("<QQQ", _VERSION, features, 0))
        except OSError:
            self.close()
            raise

    def register(self, address: int, length: int, *, file: bool) -> bool:
        """Gate a range; false if the kernel does not do that there."""
        mode = _MODE_MISSING | (_MODE_MINOR if file else 0)
        try:
            fcntl.ioctl(self.descriptor, _REGISTER, struct.pack("<QQQQ", address, length, mode, 0))
        except OSError as error:
            if error.errno in (errno.EINVAL, errno.EPERM, errno.ENOMEM, errno.EBUSY):
                return False
            raise
        return True

    def faults(self) -> Iterator[Fault]:
        """Who has stopped since last asked."""
        while True:
            try:
                message = os.read(self.descriptor, _MESSAGE)
            except BlockingIOError:
                return
            if message[0] == _PAGEFAULT:
                flags, address, thread = struct.unpack_from("<QQI", message, 8)
                yield Fault(thread, address, bool(flags & _FLAG_MINOR))

    def open(self, fault: Fault) -> None:
        """Let a fault be served: by the cached page, or by zeros.

        If that cannot be done any more (unmapped, truncated), it is only woken, and faults again.
        """
        page = fault.address // HOST_PAGE * HOST_PAGE
        request, code = struct.pack("<QQQq", page, HOST_PAGE, 0, 0), _ZEROPAGE
        if fault.minor:
            code = _CONTINUE
        try:
            fcntl.ioctl(self.descriptor, code, request)
        except OSError:
            with suppress(OSError):
                fcntl.ioctl(self.descriptor, _WAKE, struct.pack("<QQ", page, HOST_PAGE))

    def close(self) -> None:
        """End it: whoever still waits goes on as if nothing had been registered."""
        os.close(self.descriptor)
