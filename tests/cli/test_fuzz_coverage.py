"""``fuzzcopy fuzz --coverage``: what of the path under test no schedule reached."""

import json
import sys
from collections.abc import Callable
from typing import Any

import pytest

Call = Callable[..., Any]

OWN = """from fuzzcopy import Kernel
from fuzzcopy.kernel import BufferedWrite


class MyWrite(BufferedWrite):
    async def prepare(self, cpu, buffer, position, length):
        if length > 10_000:
            await self.kernel.copy.fault_in(cpu, buffer, position, length)
        if cpu is not None:
            self.note()

    def note(self):
        return 1

    def never(self):
        return 2


class MyKernel(Kernel):
    write_path = MyWrite
"""

SEARCH = ("--examples", 60, "--seed", 1, "--no-save")


@pytest.mark.slow
def test_lines_branches_and_functions_that_nobody_came_by_are_named(cli: Call, own: Any) -> None:
    own.write(OWN)
    text = cli("fuzz", "mykernel.py:MyKernel", "--coverage", *SEARCH).stdout
    assert "nothing found on MyKernel" in text
    assert "coverage of the path under test: " in text
    assert "  mykernel.py:8 write.prepare: not reached: await self.kernel.copy.fault_in(" in text
    assert "  mykernel.py:9 write.prepare: never on to the end of the function: if cpu" in text
    assert "  mykernel.py:16 write.never: never entered" in text
    assert "mykernel.py:13" not in text, "that was reached"
    # What the path inherits is part of it; other paths are not.
    assert " write.begin: " in text
    assert " fault." not in text


@pytest.mark.slow
def test_the_counts_add_up(cli: Call, own: Any) -> None:
    own.write(OWN)
    out = cli("fuzz", "mykernel.py:MyKernel", "--coverage", "--format", "json", *SEARCH).stdout
    measured = json.loads(out.splitlines()[-1])["coverage"]
    lines = [line for one in measured["unreached"] for line in one["lines"]]
    assert 0 < len(lines) == measured["lines_missed"] < measured["lines"]
    assert 0 < measured["branches_missed"] < measured["branches"]
    assert {"write.prepare", "write.never"} <= {one["name"] for one in measured["unreached"]}


def test_without_the_option_nothing_is_measured(cli: Call) -> None:
    result = cli("fuzz", "reference", "--examples", 2, "--seed", 1, "--no-save")
    assert "coverage" not in result.stdout


def test_without_coverage_py_the_mend_is_said(cli: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "coverage", None)
    result = cli("fuzz", "reference", "--coverage", *SEARCH)
    assert result.exit_code == 2
    assert "pip install 'fuzzcopy[coverage]'" in result.stderr
