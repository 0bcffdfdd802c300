"""Options that would be ignored in silence, as others were given or were not."""

from __future__ import annotations

import click
from click.core import ParameterSource


def at_most_one(*names: str) -> None:
    """Raise a usage error if several of these parameters of the command were given."""
    given = _given(*names)
    if len(given) > 1:
        raise click.UsageError(f"{' and '.join(given)}: give one of them")


def only_with(needed: str, *names: str) -> None:
    """Raise a usage error if any of these parameters was given without ``needed``."""
    given = _given(*names)
    if given and not _given(needed):
        raise click.UsageError(f"{' and '.join(given)}: only with {_option(needed)}")


def not_with(what: str, *names: str) -> None:
    """Raise a usage error if any of these parameters was given: ``what`` makes them idle."""
    given = _given(*names)
    if given:
        raise click.UsageError(f"{' and '.join(given)}: not with {what}")


def _given(*names: str) -> list[str]:
    return [_option(name) for name in _asked(*names)]


def _asked(*names: str) -> list[str]:
    source = click.get_current_context().get_parameter_source
    return [name for name in names if source(name) is ParameterSource.COMMANDLINE]


def words(*names: str) -> list[str]:
    """Those of these parameters that were given, as they are written on a command line."""
    params = click.get_current_context().params
    return [word for name in _asked(*names) for word in (_option(name), str(params[name]))]


def _option(name: str) -> str:
    command = click.get_current_context().command
    return next(param.opts[0] for param in command.params if param.name == name)
