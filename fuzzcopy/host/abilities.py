"""What this machine lets us do, and in one line each what it does not."""

from __future__ import annotations

import importlib.util
import mmap
import os
import shutil
import sys
from pathlib import Path

from fuzzcopy.host.gates import Gates
from fuzzcopy.host.mounts import DISKS, FUSE
from fuzzcopy.host.scale import HOST_PAGE

FILE_SYSTEMS = ("tmpfs", *DISKS, *FUSE)
"""What ``--fs`` can name."""


def cannot_run() -> str | None:
    """Why nothing at all can be run here."""
    if sys.platform != "linux":
        return "host mode runs programs on Linux; this is another system"
    if mmap.PAGESIZE != HOST_PAGE:
        return f"host mode knows pages of {HOST_PAGE} bytes; this machine's have {mmap.PAGESIZE}"
    return None


def cannot_mount(fs: str) -> str | None:
    """Why ``fs`` cannot be mounted here, as far as can be said without trying."""
    if os.geteuid() != 0:
        return f"{fs}: own mounts need root; use --dir DIR for a directory on a mounted one"
    if fs in DISKS:
        if shutil.which(f"mkfs.{fs}") is None:
            return f"{fs}: mkfs.{fs} is not installed"
        if not Path("/dev/loop-control").exists():
            return f"{fs}: there are no loop devices (/dev/loop-control)"
    if fs in FUSE:
        if not Path("/dev/fuse").exists():
            return f"{fs}: there is no /dev/fuse"
        if importlib.util.find_spec("pyfuse3") is None:
            return f"{fs}: pyfuse3 is not installed: pip install 'fuzzcopy[host]'"
    return None


def cannot_gate() -> str | None:
    """Why copies cannot be stopped at page faults here."""
    try:
        Gates().close()
    except OSError as error:
        return f"page faults cannot be held here: {error.strerror} (userfaultfd)"
    return None


def file_system_of(directory: Path) -> str:
    """The name of the file system that ``directory`` is on, as in /proc/self/mountinfo."""
    found, longest = "unknown", -1
    path = str(directory.resolve())
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        left, _, right = line.partition(" - ")
        where = left.split()[4]
        inside = path == where or path.startswith(where.rstrip("/") + "/")
        if inside and len(where) >= longest:
            found, longest = right.split()[0], len(where)
    return found
