"""Where something is to be written: tried before the work that it is the result of, then in one go.

Nothing but trying says whether it can be: root may write everywhere, and not in ``/proc``.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from errno import EEXIST, ENOENT
from pathlib import Path

_PREFIX = ".fuzzcopy-"


def existing(directory: Path) -> Path:
    """``directory``, or what is there of the way to it."""
    while not os.path.exists(directory) and directory != directory.parent:
        directory = directory.parent
    return directory


def check_directory(directory: Path) -> None:
    """Raise ``OSError`` if no file could be put into ``directory``, which may be yet to be made."""
    known = existing(directory)
    if known == directory:
        _make_file(directory)
        return
    made = Path(tempfile.mkdtemp(dir=known, prefix=_PREFIX))
    try:
        _make_file(made)
    finally:
        made.rmdir()


def check_file(path: Path) -> None:
    """Raise ``OSError`` if ``path`` could not be written. What is there stays as it is."""
    if path.is_file():
        with path.open("ab"):
            return
    parent = path.absolute().parent
    if not parent.is_dir():
        raise FileNotFoundError(ENOENT, "there is no such directory")
    if not path.exists():
        _make_file(parent)


def check_page(path: Path) -> None:
    """Raise ``OSError`` if no page could be put there, also if a file that is no page is there."""
    if path.is_file():
        with path.open("rb") as known:
            if not known.read(64).startswith(b"<!doctype html>"):
                raise FileExistsError(EEXIST, "there is a file that is no page")
    check_file(path)


def put(path: Path, data: bytes) -> None:
    """Write ``data``, whole or not at all: what was there is there until then.

    A link is followed; what is no file (``/dev/stdout``) is written to.
    """
    if path.exists() and not path.is_file():
        path.write_bytes(data)
        return
    path = path.resolve()
    with temporary(path, data) as name:
        os.replace(name, path)


@contextmanager
def temporary(path: Path, data: bytes) -> Iterator[str]:
    """A file beside ``path`` that has ``data`` and is gone in the end, unless it was moved."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=_PREFIX, suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o644)
        yield name
    finally:
        with suppress(FileNotFoundError):
            os.unlink(name)


def _make_file(directory: Path) -> None:
    tempfile.NamedTemporaryFile(dir=directory, prefix=_PREFIX).close()
