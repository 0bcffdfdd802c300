"""What ends a benchmark early."""

from __future__ import annotations

import click


class Unusable(click.ClickException):
    """The figures would mean nothing, or cannot be had at all: one line, exit status 2."""

    exit_code = 2
