"""The digest of a trace: the same in every process, hash seed and Python version."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from fuzzcopy import Kernel, Scenario
from fuzzcopy.regression import Regression, kernel_of
from fuzzcopy.runner import record, run
from fuzzcopy.scenario import encode
from fuzzcopy.sched import RandomWalk
from fuzzcopy.strategies import scenarios

DIGESTS = """
import json, sys
from fuzzcopy import run
from fuzzcopy.regression import kernel_of
from fuzzcopy.scenario import decode

for line in sys.stdin:
    kernel, scenario = json.loads(line)
    print(run(kernel_of(kernel), decode(scenario.encode())).trace.digest())
"""

SOURCES = """
import hashlib, pathlib, fuzzcopy
digest = hashlib.sha256()
for path in sorted(pathlib.Path(fuzzcopy.__file__).parent.rglob("*.py")):
    digest.update(path.read_bytes())
print(digest.hexdigest())
"""

Case = tuple[str, Scenario]


@pytest.fixture(scope="module")
def cases(self_deadlock: Regression, reclaimed: Regression) -> list[Case]:
    """Two failures, and long walks of the correct kernel through everything it can do."""
    walks: list[Case] = []

    @seed(0)
    @settings(
        max_examples=40,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(scenarios(operations=8))
    def walk(scenario: Scenario) -> None:
        walks.append(("reference", record(Kernel, scenario, RandomWalk(len(walks))).scenario))

    walk()
    return [(r.kernel, r.scenario) for r in (self_deadlock, reclaimed)] + walks


@pytest.fixture(scope="module")
def digests(cases: Sequence[Case]) -> list[str]:
    return [_digest(case) for case in cases]


def _digest(case: Case) -> str:
    trace = run(kernel_of(case[0]), case[1]).trace
    assert trace is not None
    return trace.digest()


def _unmeasured() -> dict[str, str]:
    """The environment of another Python: what its fuzzcopy runs is not this one's coverage."""
    return {name: value for name, value in os.environ.items() if "COVERAGE" not in name}


def _in_another_process(python: str, cases: Sequence[Case], hash_seed: str) -> list[str]:
    lines = [json.dumps([kernel, encode(scenario).decode()]) for kernel, scenario in cases]
    done = subprocess.run(
        [python, "-c", DIGESTS],
        input="\n".join(lines),
        env=_unmeasured() | {"PYTHONHASHSEED": hash_seed},
        cwd=Path(sys.executable).parent,
        capture_output=True,
        text=True,
        check=True,
        timeout=600,
    )
    return done.stdout.split()


def test_the_recorded_digest_is_that_of_the_replay(
    self_deadlock: Regression, reclaimed: Regression, digests: Sequence[str]
) -> None:
    assert digests[:2] == [self_deadlock.digest, reclaimed.digest]


def test_different_runs_have_different_digests(digests: Sequence[str]) -> None:
    # Some of the walks do the same, though not everything in their scenarios is: many of the
    # worlds drawn are of one page.
    assert len(set(digests)) > 0.75 * len(digests)


@pytest.mark.parametrize("hash_seed", ["0", "1", "4294967295"])
def test_the_digest_does_not_depend_on_the_hash_seed(
    cases: Sequence[Case], digests: Sequence[str], hash_seed: str
) -> None:
    assert _in_another_process(sys.executable, cases, hash_seed) == digests


@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13", "3.14"])
def test_the_digest_does_not_depend_on_the_python_version(
    cases: Sequence[Case], digests: Sequence[str], version: str
) -> None:
    python = shutil.which(f"python{version}")
    if python is None:
        pytest.skip(f"there is no Python {version} here")
    ours, theirs = (
        subprocess.run(
            [p, "-c", SOURCES], cwd=Path(p).parent, capture_output=True, env=_unmeasured()
        ).stdout
        for p in (sys.executable, python)
    )
    if ours != theirs:
        pytest.skip(f"this fuzzcopy is not installed for Python {version}")
    assert _in_another_process(python, cases, "random") == digests
