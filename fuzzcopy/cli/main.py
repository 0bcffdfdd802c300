"""The ``fuzzcopy`` command and its exit status.

0 nothing found (also by ``show``, which only tells), 1 found (or a replay that is not as its file
expects), 2 usage or bad input, 3 internal error or nothing decided, 130 interrupted before anything
was found, 141 the reader of the output went away.
"""

from __future__ import annotations

import errno
import os
import sys
import traceback
from importlib import import_module
from typing import cast

import click

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

    def invoke(self, ctx: click.Context) -> object:
        try:
            try:
                return super().invoke(ctx)
            finally:
                if sys.stdout is not None:  # it may be closed (>&-)
                    sys.stdout.flush()  # here, where trouble with it can still be told
        except (CostError, KernelError, RegressionError) as error:
            raise click.UsageError(str(error)) from error
        except (click.ClickException, click.Abort, click.exceptions.Exit):
            raise
        except BrokenPipeError:
            # Click's own status for this is 1, which says "found"; a shell's is this one.
            _print_no_more()
            ctx.exit(141)
        except Problem as problem:
            click.echo(f"nothing decided: {problem}", err=True)
            ctx.exit(3)
        except Exception as error:
            if isinstance(error, OSError) and error.filename is None and error.errno in _FULL:
                _print_no_more()
                click.echo(f"Error: cannot write the output: {error.strerror}", err=True)
                ctx.exit(2)
            traceback.print_exc()
            click.echo("fuzzcopy: internal error; nothing was decided", err=True)
            ctx.exit(3)
        except KeyboardInterrupt:
            click.echo("interrupted", err=True)
            ctx.exit(130)


def _print_no_more() -> None:
    # What is still in the buffer would be written, and fail, once more at the very end.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="fuzzcopy")
def main() -> None:
    """Find the deadlocks, leaks and races of a kernel's copy paths before it ships.

    KERNEL is `reference`, a name from `fuzzcopy designs` (other correct ways to copy) or
    `fuzzcopy bugs`, or a class of your own: `module:Class` or `path/to/file.py:Class`.
    """
