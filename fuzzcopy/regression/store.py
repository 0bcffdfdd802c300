"""Regression files on disk: written whole or not at all, over another one only when asked to."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from fuzzcopy.places import check_directory, existing, put, temporary
from fuzzcopy.regression.format import Regression, RegressionError, parse

MAX_BYTES = 4 << 20

MEND = "choose another with --save DIR, or use --no-save"
"""What a user of the command line can do about a folder that cannot be written."""


def load(path: Path) -> Regression:
    """Read a regression file. Raises :class:`RegressionError` with the file's name in it."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise RegressionError(f"cannot read {path}: {error.strerror}") from None
    if len(data) > MAX_BYTES:
        raise RegressionError(f"cannot use {path}: it is larger than {MAX_BYTES >> 20} MiB")
    try:
        return parse(data)
    except RegressionError as error:
        raise RegressionError(f"cannot use {path}: {error}") from None


def check_writable(directory: Path, mend: str = MEND) -> None:
    """Raise :class:`RegressionError` now if nothing could be saved in ``directory`` later."""
    try:
        check_directory(directory)
    except OSError:
        raise RegressionError(
            f"cannot save into {directory}: {existing(directory)} is not a writable directory; "
            f"{mend}"
        ) from None


def save(regression: Regression, directory: Path, *, mend: str = MEND) -> Path:
    """Write ``regression`` into ``directory`` and return the file.

    The name comes from kernel, verdict and digest; a file that is there already is left alone if
    it says the same, and never overwritten otherwise. Raises :class:`RegressionError` if it
    cannot be written, with ``mend``.
    """
    name = f"{regression.kernel}-{regression.verdict}-{regression.digest[:8]}"

    def same(there: bytes) -> bool:
        # Perhaps with other blanks, or without what was not there in an earlier version.
        with suppress(RegressionError):
            return parse(there) == regression
        return False

    return save_bytes(regression.to_json(), directory, name, mend=mend, same=same)


def save_bytes(
    data: bytes,
    directory: Path,
    name: str,
    *,
    mend: str = MEND,
    same: Callable[[bytes], bool] | None = None,
) -> Path:
    """Write ``data`` into a file of ``directory`` called like ``name``; :func:`save` says how.

    ``same`` tells whether what is there already says the same.
    """
    stem = _slug(name)
    try:
        directory.mkdir(parents=True, exist_ok=True)
        number = 1
        while True:
            path = directory / (f"{stem}.json" if number == 1 else f"{stem}-{number}.json")
            if _write_new(path, data, same or data.__eq__):
                return path
            number += 1
    except OSError as error:
        raise RegressionError(f"cannot save into {directory}: {error.strerror}; {mend}") from None


def overwrite(path: Path, regression: Regression) -> None:
    """Put ``regression`` in the place of what is in the file. Raises :class:`RegressionError`."""
    try:
        put(path, regression.to_json())
    except OSError as error:
        raise RegressionError(f"cannot write {path}: {error.strerror}") from None


def _write_new(path: Path, data: bytes, same: Callable[[bytes], bool]) -> bool:
    """Put ``data`` there in one step; false if something else is there."""
    if path.exists():
        return same(path.read_bytes())
    with temporary(path, data) as name:
        try:
            # A link, not a rename: it fails if somebody else was faster.
            os.link(name, path)
        except FileExistsError:
            return same(path.read_bytes())
    return True


def _slug(text: str) -> str:
    return re.sub(r"[^a-zA-Z0-9]+", "-", text).strip("-").lower()
