"""A path on the command line."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click


class Place(click.Path):
    """A path that somebody named. The empty text would be the current directory, which nobody did.

    ``mend`` says what to name instead.
    """

    mend = "name a file or a directory"

    def __init__(self, *, file_okay: bool = True, dir_okay: bool = True) -> None:
        super().__init__(file_okay=file_okay, dir_okay=dir_okay, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        if value == "":
            self.fail(f"it is empty; {self.mend}.", param, ctx)
        return Path(os.fsdecode(super().convert(value, param, ctx)))
