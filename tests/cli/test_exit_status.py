"""0 nothing found, 1 found, 2 usage or bad input, 3 nothing decided."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fuzzcopy.regression import Regression, save

from .foreign import FOREIGN

Call = Callable[..., Any]

ENDLESS = """\
from fuzzcopy import Kernel

OPERATIONS = (
    "load store write read mmap munmap madvise mprotect mremap mlock "
    "truncate punch migrate reclaim invalidate fsync"
).split()


async def forever(self, *args, **kwargs):
    while True:
        self.scheduler.progress()
        await self.scheduler.point("again")


def endless(path):
    return type("Endless", (path,), {name: forever for name in OPERATIONS if hasattr(path, name)})


class EndlessKernel(Kernel):
    pass


for name, path in vars(Kernel).items():
    if name.endswith("_path"):
        setattr(EndlessKernel, name, endless(path))
"""

MOODY = """\
import random

from fuzzcopy import Kernel
from fuzzcopy.kernel import BufferedWrite


class MoodyWrite(BufferedWrite):
    async def prepare(self, cpu, buffer, position, length):
        for _ in range(random.randrange(30)):
            await self.scheduler.point("mood")


class MoodySleepingWrite(MoodyWrite):
    async def copy(self, cpu, page, start, buffer, position, length):
        return await self.kernel.copy.from_user(cpu, page, start, buffer, position, length)


class MoodyKernel(Kernel):
    write_path = MoodyWrite


class MoodySleepingKernel(Kernel):
    write_path = MoodySleepingWrite
"""


def test_status_0_if_nothing_was_found(cli: Call) -> None:
    result = cli("fuzz", "reference", "--examples", 5)
    assert result.exit_code == 0
    assert "nothing found on reference" in result.stdout


def test_status_1_if_something_was_found(cli: Call) -> None:
    result = cli("fuzz", "sleeping-copy")
    assert result.exit_code == 1
    assert "deadlock on sleeping-copy: 1 CPU, 1 operation, 0 preemptions" in result.stdout


def test_status_0_for_showing_a_failure(
    cli: Call, tmp_path: Path, self_deadlock: Regression
) -> None:
    assert cli("show", save(self_deadlock, tmp_path)).exit_code == 0


def test_status_1_if_a_path_crashes(cli: Call, own: Any) -> None:
    own.write(
        "from fuzzcopy import Kernel\nfrom fuzzcopy.kernel import BufferedWrite\n"
        "class W(BufferedWrite):\n    async def begin(self, *args):\n        return {}['page']\n"
        "class K(Kernel):\n    write_path = W\n"
    )
    result = cli("fuzz", "mykernel.py:K")
    assert result.exit_code == 1
    assert "crash on K" in result.stdout
    assert "KeyError: 'page'" in result.stdout


@pytest.mark.parametrize(
    "args",
    [
        [],
        ["nonesuch"],
        ["fuzz"],
        ["fuzz", "reference", "--examples", "0"],
        ["fuzz", "reference", "--examples", "many"],
        ["fuzz", "reference", "--max-time", "0"],
        ["fuzz", "reference", "--cpus", "0"],
        ["fuzz", "reference", "--seed", "-1"],
        ["fuzz", "reference", "--format", "xml"],
        ["fuzz", "reference", "--nonesuch"],
        ["replay"],
        ["show"],
        ["show", "a", "b"],
        ["bugs", "nonesuch"],
    ],
    ids=" ".join,
)
def test_status_2_for_wrong_usage(cli: Call, args: list[str]) -> None:
    result = cli(*args)
    assert result.exit_code == 2
    assert result.stderr or not args


def test_status_3_if_every_run_is_at_its_step_limit(cli: Call, own: Any) -> None:
    own.write(ENDLESS)
    result = cli("fuzz", "mykernel.py:EndlessKernel", "--examples", 1)
    assert result.exit_code == 3
    assert "nothing decided on EndlessKernel" in result.stdout
    assert "ended at the step limit" in result.stdout


def test_status_3_of_a_comparison_if_every_run_is_at_its_step_limit(cli: Call, own: Any) -> None:
    own.write(ENDLESS)
    result = cli("compare", "mykernel.py:EndlessKernel", "--examples", 1)
    assert result.exit_code == 3
    why = "as nothing could be decided: every run ended at its step limit"
    assert f"EndlessKernel has no figures, {why}" in result.stdout


@pytest.mark.parametrize("kernel", ["MoodyKernel", "MoodySleepingKernel"])
def test_status_3_if_the_kernel_is_nondeterministic(cli: Call, own: Any, kernel: str) -> None:
    own.write(MOODY)
    result = cli("fuzz", f"mykernel.py:{kernel}", "--examples", 200)
    assert result.exit_code == 3
    assert "nothing decided" in result.stdout
    assert "random" in result.stdout, "it says what to look for"
    assert not Path("regressions").exists()


def test_status_3_if_there_was_no_time_for_a_single_run(cli: Call) -> None:
    result = cli("fuzz", "reference", "--max-time", "1e-9")
    assert result.exit_code == 3
    assert "nothing decided on reference: 0 schedules of 0 programs" in result.stdout
    assert "missed" not in result.stdout


IDLE = """\
from fuzzcopy import Kernel
from fuzzcopy.kernel import BufferedWrite


class IdleWrite(BufferedWrite):
    async def never_called(self, cpu, page, start, buffer, position, length):
        return 0


class IdleKernel(Kernel):
    write_path = IdleWrite
"""


@pytest.mark.parametrize("form", ["text", "json"])
def test_status_3_if_no_program_came_by_what_the_kernel_swaps(
    cli: Call, own: Any, form: str
) -> None:
    own.write(IDLE)
    result = cli("fuzz", "mykernel.py:IdleKernel", "--examples", 20, "--format", form)
    assert result.exit_code == 3
    if form == "text":
        assert "nothing decided on IdleKernel" in result.stdout
        assert "never entered: write.never_called" in result.stdout
        assert "missed" not in result.stdout
    else:
        assert json.loads(result.stdout)["missed"] is None


@pytest.mark.parametrize(
    "words",
    [
        "explore {} --programs 2 --max-schedules 5 --seed 1",
        "locks {} --examples 5",
        "compare {} --examples 5",
    ],
)
@pytest.mark.parametrize("form", ["text", "json"])
def test_status_3_if_nothing_that_is_drawn_comes_by_what_the_kernel_swaps(
    cli: Call, own: Any, words: str, form: str
) -> None:
    own.write(IDLE)
    result = cli(*words.format("mykernel.py:IdleKernel").split(), "--format", form)
    assert result.exit_code == 3
    assert "write.never_called" in result.stdout
    if form == "text":
        assert "nothing decided" in result.stdout
        assert "nothing found" not in result.stdout


def test_status_0_if_a_file_s_program_passes_whatever_it_enters(
    cli: Call, own: Any, self_deadlock: Regression
) -> None:
    own.write(IDLE)
    path = save(self_deadlock, own.directory)
    assert cli("explore", path, "--kernel", "mykernel.py:IdleKernel").exit_code == 0


@pytest.mark.parametrize("words", ["bugs", "--help"])
def test_status_141_if_the_reader_is_gone(fuzzcopy_command: list[str], words: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    result = subprocess.run(
        [*fuzzcopy_command, words], stdout=writer, stderr=subprocess.PIPE, check=False
    )
    os.close(writer)
    assert result.returncode == 141
    assert result.stderr == b""


def test_status_as_ever_if_there_is_no_output(fuzzcopy_command: list[str]) -> None:
    result = subprocess.run(
        ["sh", "-c", '"$@" >&-', "sh", *fuzzcopy_command, "bugs"],
        stderr=subprocess.PIPE,
        check=False,
    )
    assert (result.returncode, result.stderr) == (0, b"")


@pytest.mark.parametrize(
    "words", ["bugs", "--help", "--version", "show --help", "show {file}", "show {file} --json"]
)
def test_status_2_if_the_output_cannot_be_written(fuzzcopy_command: list[str], words: str) -> None:
    file = next((Path(__file__).parents[2] / "regressions").glob("sleeping-copy*.json"))
    with Path("/dev/full").open("wb") as full:
        result = subprocess.run(
            [*fuzzcopy_command, *words.format(file=file).split()],
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert result.stderr == b"Error: cannot write the output: No space left on device\n"
    assert result.returncode == 2


@pytest.mark.parametrize(
    ("words", "status"), [("compare reference --examples 0", 0), ("bugs nonesuch", 2), ("-x", 2)]
)
def test_status_as_ever_if_nobody_can_be_told_of_errors(
    fuzzcopy_command: list[str], words: str, status: int
) -> None:
    with Path("/dev/full").open("wb") as full:
        result = subprocess.run(
            [*fuzzcopy_command, *words.split()],
            stdout=subprocess.DEVNULL,
            stderr=full,
            check=False,
        )
    assert result.returncode == status


def test_status_3_if_the_order_of_its_locks_cannot_be_seen(cli: Call, own: Any) -> None:
    own.write(FOREIGN)
    result = cli("locks", "mykernel.py:ForeignKernel", "--examples", 50)
    assert result.exit_code == 3
    assert "mykernel.py:9" in result.stderr


def test_status_3_if_nothing_could_be_checked(cli: Call, own: Any) -> None:
    own.write(FOREIGN)
    result = cli("explore", "mykernel.py:ForeignKernel", "--check", "--seed", 1)
    assert result.exit_code == 3
    assert "nothing decided: cpu0 awaits something" in result.stderr


def test_status_1_if_a_path_returns_nothing(cli: Call, own: Any) -> None:
    own.write(FOREIGN.replace("await trio.sleep(0.001)", "pass").replace("prepare", "perform"))
    result = cli("fuzz", "mykernel.py:ForeignKernel", "--seed", 1)
    assert result.exit_code == 1
    assert "crash" in result.stdout
    assert "returns None" in result.stdout


def test_status_3_if_the_kernel_awaits_something_foreign(cli: Call, own: Any) -> None:
    own.write(FOREIGN)
    result = cli("fuzz", "mykernel.py:ForeignKernel", "--examples", 200)
    assert result.exit_code == 3
    assert "mykernel.py:9" in result.stdout, "it names the line"


@pytest.mark.usefixtures("cli")
def test_status_3_for_an_error_of_fuzzcopy_itself(
    own: Any, command: Call, self_deadlock: Regression
) -> None:
    own.write(
        "from fuzzcopy import Kernel\nmade = []\nclass K(Kernel):\n"
        "    def __init__(self, machine):\n        super().__init__(machine)\n"
        "        made.append(self)\n        if len(made) > 1:\n"
        "            raise GeneratorExit('nothing a user expects')\n"
    )
    for words in (
        ["fuzz", "mykernel.py:K", "--examples", 3],
        ["replay", save(self_deadlock, own.directory), "--kernel", "mykernel.py:K"],
    ):
        result = command(*words)
        assert result.returncode == 3
        assert "GeneratorExit: nothing a user expects" in result.stderr


def test_status_0_if_every_file_is_as_it_expects(
    cli: Call, tmp_path: Path, self_deadlock: Regression, reclaimed: Regression
) -> None:
    save(self_deadlock, tmp_path / "r")
    save(reclaimed, tmp_path / "r")
    assert cli("replay", "r").exit_code == 0


def test_status_1_if_one_file_is_not_as_it_expects(
    cli: Call, tmp_path: Path, self_deadlock: Regression
) -> None:
    save(self_deadlock, tmp_path / "r")
    assert cli("replay", "r", "--kernel", "reference").exit_code == 1


def test_status_2_if_one_file_cannot_be_used(
    cli: Call, tmp_path: Path, self_deadlock: Regression
) -> None:
    save(self_deadlock, tmp_path / "r")
    (tmp_path / "r" / "broken.json").write_text("{")
    result = cli("replay", "r")
    assert result.exit_code == 2
    assert "reproduced (deadlock)" in result.stdout, "the others are replayed all the same"


def test_status_3_if_a_replay_is_undecided(
    cli: Call, own: Any, tmp_path: Path, self_deadlock: Regression
) -> None:
    own.write(ENDLESS)
    save(self_deadlock, tmp_path / "r")
    result = cli("replay", "r", "--kernel", "mykernel.py:EndlessKernel")
    assert result.exit_code == 3
    assert "undecided" in result.stdout


@pytest.mark.parametrize("words", [["--help"], ["fuzz", "--help"], ["replay", "-h"], ["--version"]])
def test_status_0_for_help(cli: Call, words: list[str]) -> None:
    result = cli(*words)
    assert result.exit_code == 0
    assert result.stdout
