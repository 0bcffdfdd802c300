"""File systems of our own: an image on tmpfs, or tmpfs itself."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from fuzzcopy.host import syscalls as sys
from fuzzcopy.host.worker import LEFT_OVER

DISKS = ("ext4", "xfs", "btrfs")
"""File systems on a loop device."""

FUSE = ("fuse", "fuse-writeback")
"""File systems of our own server, without and with the kernel's write-back cache."""

_MIB = 1 << 20
_SIZES = {"ext4": 64, "xfs": 320, "btrfs": 256}
_FILLED = 64
_MAKE = {
    "ext4": ["mkfs.ext4", "-q", "-F", "-E", "nodiscard,lazy_itable_init=0,lazy_journal_init=0"],
    "xfs": ["mkfs.xfs", "-q", "-f", "-K"],
    "btrfs": ["mkfs.btrfs", "-q", "-f", "-K"],
}
_TIMEOUT = 60


class CannotMount(Exception):
    """One line: what is missing, and the mend."""


def mount(fs: str, base: Path) -> Path:
    """Mount a fresh ``fs`` below ``base``, a directory on a tmpfs. Raises :class:`CannotMount`."""
    where = base / fs
    where.mkdir()
    if fs == "tmpfs":
        sys.mount("fuzzcopy", str(where), "tmpfs", sys.MS_NOSUID | sys.MS_NODEV)
        return where
    make_image(fs, base / f"{fs}.img")
    _mount_image(fs, base)
    return where


def remount(fs: str, base: Path) -> None:
    """Take a file system away and mount it again, with nothing of it cached.

    Raises :class:`CannotMount`.
    """
    command(["umount", str(base / fs)])
    _mount_image(fs, base)


def _mount_image(fs: str, base: Path) -> None:
    command(["mount", "-o", "loop,nosuid,nodev", str(base / f"{fs}.img"), str(base / fs)])


def make_image(fs: str, image: Path) -> None:
    """An image whose free blocks hold a known text as far as it is filled."""
    tool = _MAKE[fs][0]
    if shutil.which(tool) is None:
        raise CannotMount(f"{fs}: {tool} is not installed")
    with image.open("wb") as file:
        file.write((LEFT_OVER * (_FILLED * _MIB // len(LEFT_OVER) + 1))[: _FILLED * _MIB])
        file.truncate(_SIZES[fs] * _MIB)
    command([*_MAKE[fs], str(image)])


def command(words: list[str]) -> None:
    """Run a tool. Raises :class:`CannotMount` with its last words."""
    try:
        done = subprocess.run(
            words, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_TIMEOUT
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CannotMount(f"{words[0]}: {error}") from None
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines() or ["failed"]
        raise CannotMount(f"{words[0]}: {said[-1]}")
