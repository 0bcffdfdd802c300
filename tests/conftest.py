"""What tests of several folders share: small failures, kernels of one's own, the command."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import coverage
import pytest

from fuzzcopy.bugs import catalogue
from fuzzcopy.regression import Regression, kernels
from fuzzcopy.runner import record, run
from fuzzcopy.scenario import (
    CpuSpec,
    FileSpec,
    MappingSpec,
    Reclaim,
    Scenario,
    Segment,
    SpaceSpec,
    Write,
)
from fuzzcopy.sched import Sparse

SLEEPING = """\
from fuzzcopy import Kernel
from fuzzcopy.kernel import BufferedWrite


class MyWrite(BufferedWrite):
    async def copy(self, cpu, page, start, buffer, position, length):
        return await self.kernel.copy.from_user(cpu, page, start, buffer, position, length)


class MyKernel(Kernel):
    write_path = MyWrite
"""

MENDED = SLEEPING.replace("copy.from_user(", "copy.from_user_atomic(")

Run = subprocess.CompletedProcess[str]

_PROCESSES = {"command", "fuzzcopy_command", "run_pytest", "chromium"}
"""Fixtures that start processes."""


def pytest_sessionfinish() -> None:
    """Save what this process has covered: pytest-xdist kills a worker that is slow to end."""
    measuring = coverage.Coverage.current()
    if measuring is not None:
        measuring.save()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test is slow when it starts processes: each takes seconds to import everything anew."""
    for item in items:
        if _PROCESSES.intersection(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.slow)


@dataclass(frozen=True)
class Own:
    """A kernel of one's own in a directory of one's own."""

    directory: Path

    def write(self, source: str, name: str = "mykernel.py") -> Path:
        path = self.directory / name
        path.write_text(source, "utf-8")
        return path

    def break_it(self) -> Path:
        """The write path sleeps in the copy with the page locked."""
        return self.write(SLEEPING)

    def mend_it(self) -> Path:
        """The write path copies with page faults disabled."""
        return self.write(MENDED)


@pytest.fixture
def own(tmp_path: Path) -> Own:
    return Own(tmp_path)


@pytest.fixture
def command(tmp_path: Path) -> Callable[..., Run]:
    """Call ``fuzzcopy`` as a process of its own, its output piped."""

    def call(*args: object, env: Mapping[str, str] | None = None) -> Run:
        return subprocess.run(
            [*COMMAND, *map(str, args)],
            cwd=tmp_path,
            env=os.environ | (env or {}),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=600,
        )

    return call


# What the script `fuzzcopy` does, without looking for the script.
COMMAND = [sys.executable, "-P", "-c", "from fuzzcopy.cli import main; main()"]


@pytest.fixture
def fuzzcopy_command() -> list[str]:
    """The words that start ``fuzzcopy`` as a process."""
    return COMMAND


@pytest.fixture
def ctrl_c_works() -> Iterator[None]:
    """SIGINT raises ``KeyboardInterrupt``; not so by itself in the background of a shell."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def forget_kernels(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Kernels that a test names are unknown again after it, and their modules not imported."""
    monkeypatch.setattr(kernels, "_registered", {})
    monkeypatch.setattr(sys, "path", sys.path[:])
    yield
    for name, module in [*sys.modules.items()]:
        path = getattr(module, "__file__", None) or ""
        if name.startswith("fuzzcopy_user_") or Path(path).is_relative_to(tmp_path):
            del sys.modules[name]


def _writes_from_a_mapping_of_what_it_writes(*others: CpuSpec, cached: bool) -> Scenario:
    write = Write(0, 0, (Segment(0, 0, 16),))
    return Scenario(
        cpus=(CpuSpec((write,)), *others),
        files=(FileSpec(16, ("clean",) if cached else ()),),
        spaces=(SpaceSpec((MappingSpec(0, 1, 0, present=cached),)),),
    )


@pytest.fixture(scope="session")
def self_deadlock() -> Regression:
    """The mail's deadlock on one CPU; its schedule is the default one."""
    scenario = _writes_from_a_mapping_of_what_it_writes(cached=False)
    outcome = run(catalogue()["sleeping-copy"], scenario)
    return Regression.of(outcome, expect="fails")


@pytest.fixture(scope="session")
def reclaimed() -> Regression:
    """A source page that is reclaimed between its touching and the copy: one preemption."""
    kernel = catalogue()["prefault-then-sleep"]
    scenario = _writes_from_a_mapping_of_what_it_writes(CpuSpec((Reclaim(0, 0),)), cached=True)
    for at in range(200):
        for choice in (1, 2):
            outcome = record(kernel, scenario, Sparse({at: choice}))
            if outcome.kind == "deadlock" and outcome.preemptions == 1:
                return Regression.of(outcome, expect="fails")
    raise AssertionError("no single preemption leads to the deadlock")
