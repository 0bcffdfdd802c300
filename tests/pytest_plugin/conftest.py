"""Runs pytest as a user does: in a project of their own, as a process of its own."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Run = subprocess.CompletedProcess[str]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A directory with nothing in it but an empty project file."""
    (tmp_path / "pyproject.toml").write_text("[tool.pytest.ini_options]\n")
    return tmp_path


@pytest.fixture
def run_pytest(project: Path) -> Callable[..., Run]:
    """Run pytest in the project, or in a folder of it."""

    def call(*args: str, folder: str = ".", env: dict[str, str] | None = None) -> Run:
        # Not what runs us, and no colours.
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST_", "CI"))}
        return subprocess.run(
            [sys.executable, "-P", "-m", "pytest", "-p", "no:cacheprovider", *args],
            cwd=project / folder,
            env=inherited | {"NO_COLOR": "1", "COLUMNS": "100"} | (env or {}),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=600,
        )

    return call
