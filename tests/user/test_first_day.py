"""The first day of somebody who has installed fuzzcopy and never seen its repository."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

Call = Callable[..., Any]

TEST = """\
from fuzzcopy import fuzz_test

from mykernel import MyKernel

test_my_kernel = fuzz_test(MyKernel)
"""


def test_what_is_installed_is_the_wheel_and_all_of_it(user: Call) -> None:
    code = "import fuzzcopy, fuzzcopy.strategies as p; print(fuzzcopy.__file__, p.__file__)"
    result = user("python", "-c", code)
    assert all("site-packages" in path for path in result.stdout.split())
    files = user("python", "-m", "pip", "show", "--files", "fuzzcopy").stdout.splitlines()
    names = {line.strip() for line in files}
    assert "fuzzcopy/py.typed" in names
    assert "fuzzcopy/strategies/scenarios.py" in names
    assert not [name for name in names if name.startswith(("strategies", "tests", "benchmarks"))]


def test_the_readme_s_first_command(user: Call, tmp_path: Path) -> None:
    result = user("fuzzcopy", "fuzz", "sleeping-copy")
    assert result.returncode == 1
    assert "deadlock on sleeping-copy: 1 CPU, 1 operation, 0 preemptions" in result.stdout
    assert result.stderr == ""
    assert len(list((tmp_path / "regressions").iterdir())) == 1


def test_a_kernel_of_one_s_own_on_the_command_line(user: Call, own: Any, tmp_path: Path) -> None:
    own.break_it()
    found = user("fuzzcopy", "fuzz", "mykernel:MyKernel", "--format", "json")
    assert found.returncode == 1
    summary = json.loads(found.stdout.splitlines()[-1])
    assert summary["verdict"] == "deadlock"
    file = summary["regression"]
    kernel = ("--kernel", "mykernel:MyKernel")

    shown = user("fuzzcopy", "show", file, *kernel)
    assert shown.returncode == 0
    assert "deadlock on MyKernel" in shown.stdout
    assert user("fuzzcopy", "replay", file, *kernel).returncode == 1

    own.mend_it()
    mended = user("fuzzcopy", "replay", file, *kernel)
    assert mended.returncode == 0
    assert "passes" in mended.stdout
    clean = user("fuzzcopy", "fuzz", "mykernel.py:MyKernel", "--examples", "50")
    assert clean.returncode == 0


def test_a_kernel_of_one_s_own_in_pytest(user: Call, own: Any, tmp_path: Path) -> None:
    """Found, saved, collected on the next run and red; green after the kernel is mended."""
    own.break_it()
    own.write(TEST, "test_mykernel.py")
    own.write(
        '[tool.pytest.ini_options]\npythonpath = ["."]\n'
        '[tool.fuzzcopy]\nkernels = ["mykernel.py:MyKernel"]\n',
        "pyproject.toml",
    )
    first = user("pytest")
    assert first.returncode == 1
    assert "1 failed in" in first.stdout, "there was nothing in regressions/ yet"
    [path] = (tmp_path / "regressions").iterdir()
    assert f"saved: regressions/{path.name}" in first.stdout
    [command] = re.findall(r"replay: fuzzcopy (.*)", first.stdout)
    assert "reproduced (deadlock) on MyKernel" in user("fuzzcopy", *command.split()).stdout

    second = user("pytest")
    assert second.returncode == 1
    assert "2 failed in" in second.stdout
    assert f"{path.name}: reproduced (deadlock)" in second.stdout
    assert [path] == list((tmp_path / "regressions").iterdir()), "found again, saved once"

    own.mend_it()
    third = user("pytest", "--hypothesis-profile=quick")
    assert third.returncode == 0
    assert "2 passed in" in third.stdout


def test_a_replay_needs_no_hypothesis_but_a_wheel_brings_it(user: Call) -> None:
    code = (
        "import sys; sys.modules['hypothesis'] = None\n"
        "from fuzzcopy.regression import find_kernel, load, replay, save\n"
        "import fuzzcopy; print('ok')"
    )
    assert user("python", "-c", code).stdout == "ok\n"
    assert user("python", "-c", "import hypothesis").returncode == 0
