"""A user's machine: an empty environment with the built wheel in it, and a directory elsewhere."""

import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

Run = subprocess.CompletedProcess[str]

ROOT = Path(__file__).parents[2]

SOURCES = ("pyproject.toml", "README.md", "LICENSE", "fuzzcopy", "strategies")


def _run(words: list[str], directory: Path) -> Run:
    # Nothing of the environment that runs these tests shall help.
    theirs = ("PYTHON", "PYTEST_", "VIRTUAL_ENV", "COVERAGE_", "HYPOTHESIS_", "TOX_", "CI")
    env = {k: v for k, v in os.environ.items() if not k.startswith(theirs)}
    return subprocess.run(
        words,
        cwd=directory,
        env=env | {"NO_COLOR": "1", "COLUMNS": "100"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=600,
    )


@pytest.fixture(scope="session")
def bin_of_the_user(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of the commands of an environment into which the wheel was installed."""
    place = tmp_path_factory.mktemp("installed")
    source = place / "source"
    source.mkdir()
    for name in SOURCES:
        if (ROOT / name).is_dir():
            ignore = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / name, source / name, ignore=ignore)
        else:
            shutil.copy(ROOT / name, source)
    venv.create(place / "env", with_pip=True)
    folder = place / "env" / ("Scripts" if sys.platform == "win32" else "bin")
    python = str(folder / "python")

    def pip(*words: str) -> None:
        done = _run([python, "-m", "pip", *words, "--quiet"], place)
        assert done.returncode == 0, done.stderr

    pip("wheel", "--no-deps", "--wheel-dir", "wheels", str(source))
    [wheel] = (place / "wheels").iterdir()
    pip("install", str(wheel), "pytest")
    shutil.rmtree(source)
    yield folder
    shutil.rmtree(place)


@pytest.fixture
def user(bin_of_the_user: Path, tmp_path: Path) -> Callable[..., Run]:
    """Call a command of the user's environment in the user's directory."""

    def call(command: str, *words: str) -> Run:
        return _run([str(bin_of_the_user / command), *words], tmp_path)

    return call
