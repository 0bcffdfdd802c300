"""Ctrl-C: the search ends at once, reports what there is, and saves what was found."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from fuzzcopy.regression import load

pytestmark = pytest.mark.skipif(os.name == "nt", reason="there is no SIGINT to send")

# Fails within its first few copies, and then gets so slow that shrinking takes minutes.
SLOW = """\
import time
from itertools import count
from pathlib import Path

from fuzzcopy import Kernel
from fuzzcopy.kernel import BufferedWrite

copies = count()


class SlowWrite(BufferedWrite):
    async def copy(self, cpu, page, start, buffer, position, length):
        if next(copies) > 25:
            Path("slow").touch()
            time.sleep(2)
        return await self.kernel.copy.from_user(cpu, page, start, buffer, position, length)


class SlowKernel(Kernel):
    write_path = SlowWrite
"""


# What a callback of the collector raises goes nowhere; so the signal is sent from there.
SWALLOWING = """\
import gc
import os
import signal
from itertools import count

from fuzzcopy import Kernel

worlds = count()


def callback(phase, info):
    if phase == "stop":
        gc.callbacks.remove(callback)
        os.kill(os.getpid(), signal.SIGINT)
        for _ in range(1000):
            pass


class Swallowing(Kernel):
    def __init__(self, machine):
        if next(worlds) == 50:
            gc.callbacks.append(callback)
            gc.collect()
        super().__init__(machine)
"""


# Says when its first world is there: importing everything takes longer on a busy machine.
BEGUN = """\
from pathlib import Path

from fuzzcopy import Kernel


class Begun(Kernel):
    def __init__(self, machine):
        Path("begun").touch()
        super().__init__(machine)
"""


def _search(command: list[str], directory: Path, own: Any, *more: str) -> subprocess.Popen[str]:
    """A search that finds nothing and does not end, under way."""
    own.write(BEGUN)
    words = [*command, "fuzz", "mykernel.py:Begun", "--examples", "9999999", *more]
    process = _start(words, directory)
    while not (directory / "begun").exists():
        assert process.poll() is None
        time.sleep(0.05)
    return process


def _start(words: list[str], directory: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        words,
        cwd=directory,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # In the background of a shell the signal would be ignored from the start.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def _interrupt(process: subprocess.Popen[str]) -> tuple[str, str]:
    process.send_signal(signal.SIGINT)
    try:
        return process.communicate(timeout=120)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        pytest.fail(f"it went on after Ctrl-C: {out}{err}")


@pytest.mark.parametrize("seconds", [0.3, 0.8, 1.4])
def test_a_search_that_has_found_nothing_reports_how_far_it_came(
    fuzzcopy_command: list[str], tmp_path: Path, own: Any, seconds: float
) -> None:
    process = _search(fuzzcopy_command, tmp_path, own)
    time.sleep(seconds)
    out, err = _interrupt(process)
    assert err == ""
    assert out.startswith("interrupted; this is what there is so far\n")
    assert "nothing found on Begun: sampled " in out
    assert process.returncode == 130


def test_an_interrupt_that_the_garbage_collector_swallows_is_not_lost(
    fuzzcopy_command: list[str], tmp_path: Path, own: Any
) -> None:
    own.write(SWALLOWING)
    process = _start(
        [*fuzzcopy_command, "fuzz", "mykernel.py:Swallowing", "--examples", "9999999"], tmp_path
    )
    out, err = process.communicate(timeout=120)
    assert err == ""
    assert "interrupted" in out
    assert process.returncode == 130


def test_the_json_summary_is_printed_all_the_same(
    fuzzcopy_command: list[str], tmp_path: Path, own: Any
) -> None:
    process = _search(fuzzcopy_command, tmp_path, own, "--format", "json")
    time.sleep(0.5)
    out, err = _interrupt(process)
    assert err == ""
    summary = json.loads(out.splitlines()[-1])
    assert summary["interrupted"] is True
    assert summary["verdict"] is None
    assert summary["schedules"] > 0


@pytest.mark.parametrize("seconds", [0.5, 6.0], ids=["by Hypothesis", "by the reducer"])
def test_a_failure_that_is_being_shrunk_is_saved_as_it_is(
    fuzzcopy_command: list[str], tmp_path: Path, own: Any, seconds: float
) -> None:
    own.write(SLOW)
    process = _start([*fuzzcopy_command, "fuzz", "mykernel.py:SlowKernel"], tmp_path)
    while not (tmp_path / "slow").exists():
        assert process.poll() is None
        time.sleep(0.05)
    time.sleep(seconds)
    out, err = _interrupt(process)
    assert err == ""
    assert "interrupted" in out
    assert process.returncode == 1
    [path] = (tmp_path / "regressions").iterdir()
    assert load(path).verdict == "deadlock"
    assert f"saved: regressions/{path.name}" in out


def test_what_exploration_has_found_so_far_is_told(
    fuzzcopy_command: list[str], tmp_path: Path
) -> None:
    words = [*fuzzcopy_command, "explore", "sleeping-copy", "--programs", "60", "--seed", "1"]
    process = _start(words, tmp_path)
    assert process.stdout is not None
    for line in process.stdout:
        if "; deadlock" in line:
            break
    out, err = _interrupt(process)
    assert err == ""
    assert "interrupted; this is what there is so far\n" in out
    assert "found: deadlock on sleeping-copy: " in out
    assert process.returncode == 1
