"""A file or a directory on the command line that is to be written."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Within, an ``OSError`` is a usage error that says that ``path`` cannot be written."""
    try:
        yield
    except OSError as error:
        raise click.UsageError(f"cannot write {path}: {error.strerror}; name another") from None


class Output(click.Path):
    """A path to write to. The empty text would be the current directory, which nobody named."""

    def __init__(self, *, file_okay: bool = True, dir_okay: bool = True) -> None:
        super().__init__(file_okay=file_okay, dir_okay=dir_okay, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        if value == "":
            self.fail("it is empty; name a place to write to.", param, ctx)
        return Path(os.fsdecode(super().convert(value, param, ctx)))
