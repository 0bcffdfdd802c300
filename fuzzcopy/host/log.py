"""The kernel's log: warnings, lockdep, hung tasks, errors of file systems."""

from __future__ import annotations

import os
import re
from contextlib import suppress

_COMPLAINT = re.compile(
    r"WARNING:|\bBUG\b|Oops|KASAN|KCSAN|UBSAN|KFENCE|general protection|possible recursive locking"
    r"|possible circular locking|INFO: task .* blocked|INFO: .*stall"
    r"|EXT4-fs error|XFS .*(Corruption|Internal error)|BTRFS (error|critical)"
)


class KernelLog:
    """What the kernel logs from now on, if we may read that."""

    def __init__(self, path: str = "/dev/kmsg") -> None:
        self._descriptor = -1
        with suppress(OSError):
            self._descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            os.lseek(self._descriptor, 0, os.SEEK_END)

    def complaints(self) -> list[str]:
        """The new lines that say that something is wrong."""
        found: list[str] = []
        while self._descriptor >= 0:
            try:
                record = os.read(self._descriptor, 8192)
            except BrokenPipeError:
                continue  # some were overwritten before we came
            except OSError:
                break
            if not record:
                break
            # "priority,number,time,flags;message", and key=value lines after it (kmsg(4)).
            message = record.decode(errors="replace").partition(";")[2].partition("\n")[0]
            if _COMPLAINT.search(message):
                found.append(message)
        return found

    def close(self) -> None:
        """Stop reading."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
