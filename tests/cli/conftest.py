"""The command line in this process: quick, and its exceptions are seen."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from fuzzcopy.cli import main


@pytest.fixture
def cli(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, forget_kernels: None
) -> Callable[..., Result]:
    """Call ``fuzzcopy`` in an empty directory; nothing but an exit may come out of it."""
    monkeypatch.chdir(tmp_path)

    def call(*args: object) -> Result:
        result = CliRunner().invoke(main, [str(arg) for arg in args])
        if not isinstance(result.exception, SystemExit | None):
            raise result.exception
        return result

    return call
