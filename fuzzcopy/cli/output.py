"""A file or a directory on the command line that is to be written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from fuzzcopy.cli.place import Place


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Within, an ``OSError`` is a usage error that says that ``path`` cannot be written."""
    try:
        yield
    except OSError as error:
        raise click.UsageError(f"cannot write {path}: {error.strerror}; name another") from None


class Output(Place):
    """A path to write to."""

    mend = "name a place to write to"
