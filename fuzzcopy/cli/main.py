"""The ``fuzzcopy`` command and its exit status.

0 nothing found (also by ``show``, which only tells), 1 found (or a replay that is not as its file
expects), 2 usage, bad input or an output that cannot be written, 3 internal error or nothing
decided, 130 interrupted before anything was found, 141 the reader of the output went away.
"""

from __future__ import annotations

import errno
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, cast

import click

from fuzzcopy.cli.stderr import forgiving_stderr
from fuzzcopy.cost import CostError
from fuzzcopy.regression import KernelError, RegressionError
from fuzzcopy.sched import Problem

# In the order of the help: what is used most comes first. Each is in a module of its name, which
# is imported when asked for: a replay need not wait for Hypothesis.
_COMMANDS = (
    "fuzz", "explore", "replay", "show", "bugs", "designs", "compare", "cost", "locks", "host",
)  # fmt: skip


_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class _Group(click.Group):
    """Turns the errors that a user can mend into one line and exit status 2.

    What nobody expected keeps its traceback and is status 3: 1 would say "found".
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        return cast(click.Command, getattr(import_module(f"fuzzcopy.cli.{cmd_name}"), cmd_name))

    def main(self, *args: Any, **more: Any) -> Any:
        with forgiving_stderr():
            return super().main(*args, **more)

    def make_context(self, *args: Any, **more: Any) -> click.Context:
        with _printing():  # --help and --version do
            return super().make_context(*args, **more)

    def invoke(self, ctx: click.Context) -> object:
        try:
            with _printing():
                return super().invoke(ctx)
        except (CostError, KernelError, RegressionError) as error:
            raise click.UsageError(str(error)) from error
        except (click.ClickException, click.Abort, click.exceptions.Exit):
            raise
        except Problem as problem:
            click.echo(f"nothing decided: {problem}", err=True)
            ctx.exit(3)
        except KeyboardInterrupt:
            click.echo("interrupted", err=True)
            ctx.exit(130)
        except SystemExit:
            raise
        except BaseException:
            traceback.print_exc()
            click.echo("fuzzcopy: internal error; nothing was decided", err=True)
            ctx.exit(3)


@contextmanager
def _printing() -> Iterator[None]:
    """Within, what cannot be printed is told, and has a status of its own."""
    try:
        try:
            yield
        finally:
            if sys.stdout is not None:  # it may be closed (>&-)
                sys.stdout.flush()  # here, where trouble with it can still be told
    except OSError as error:
        gone = isinstance(error, BrokenPipeError)
        if not gone and (error.filename is not None or error.errno not in _FULL):
            raise
        # What is still in the buffer would be written, and fail, once more at the very end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not gone:
            click.echo(f"Error: cannot write the output: {error.strerror}", err=True)
        # Click's own status for a reader that is gone is 1, which says "found"; a shell's is 141.
        sys.exit(141 if gone else 2)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="fuzzcopy")
def main() -> None:
    """Find the deadlocks, leaks and races of a kernel's copy paths before it ships.

    KERNEL is `reference`, a name from `fuzzcopy designs` (other correct ways to copy) or
    `fuzzcopy bugs`, or a class of your own: `module:Class` or `path/to/file.py:Class`.
    """
