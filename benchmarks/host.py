"""``python -m benchmarks host``: programs per second on the running kernel.

Two figures per file system, one thread each: programs performed (prepared, run, looked at, sent
back), and programs per second of a whole campaign, which also draws them, runs the model and
compares; ``runs`` counts each of the page states that a program is run from. Each figure is given
per second by the clock and per second of CPU time: of the process that performs programs, and of
the campaign's own process. An operation per second of fsx is one system call and its check; if fsx
is on the path, it runs in the same directory.
"""

from __future__ import annotations

import json
import platform
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import click
from hypothesis import HealthCheck, Phase, given, seed, settings

from fuzzcopy.host.abilities import FILE_SYSTEMS, cannot_mount, cannot_run
from fuzzcopy.host.campaign import HostFuzzer
from fuzzcopy.host.job import Job
from fuzzcopy.host.lower import lower
from fuzzcopy.host.programs import programs
from fuzzcopy.host.sandbox import Sandbox
from fuzzcopy.host.target import Target
from fuzzcopy.scenario import Scenario
from fuzzcopy.world import Plan

SETTINGS = ("written", "drawn")
_PROGRAMS = 300
_FSX_OPERATIONS = 20_000


@click.command()
@click.option("--fs", default="tmpfs,ext4", show_default=True, help=f"Of {FILE_SYSTEMS}.")
@click.option("--seconds", type=click.FloatRange(min=0), default=5.0, show_default=True)
def host(fs: str, seconds: float) -> None:
    """Programs per second on the running kernel, beside fsx where there is one."""
    for trouble in (cannot_run(), *map(cannot_mount, fs.split(","))):
        if trouble is not None:
            raise click.UsageError(trouble)
    drawn = _draw(fs.split(","))
    figures = {}
    with Sandbox() as sandbox:
        for name in fs.split(","):
            target = Target(sandbox, name, sandbox.mount(name))
            figures[name] = {
                **{s: _performed(target, drawn, s, seconds) for s in SETTINGS},
                "campaign": _campaign(target, seconds),
            }
    report = {
        "benchmark": "host",
        "kernel": platform.release(),
        "python": platform.python_version(),
        "operations_per_program": sum(s.operations for s in drawn) / len(drawn),
        "programs_per_second": figures,
        "fsx_operations_per_second": _fsx(),
    }
    click.echo(json.dumps(report))


def _draw(fs: list[str]) -> list[Scenario]:
    drawn: list[Scenario] = []

    @seed(1)
    @settings(
        max_examples=_PROGRAMS,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(programs(fs=fs))
    def each(scenario: Scenario) -> None:
        drawn.append(scenario)

    each()
    return drawn


def _performed(
    target: Target, drawn: list[Scenario], setting: str, seconds: float
) -> dict[str, float]:
    # A batch of the same program in one job, so that what is measured is not the pipe.
    jobs: list[Job] = [lower(Plan(scenario), [setting] * 8) for scenario in drawn]
    target.run(jobs[0])
    done, begun, spent = 0, time.monotonic(), target.spent()
    while time.monotonic() - begun < seconds:
        for job in jobs[:50]:
            target.run(job)
            done += len(job.settings)
    return _rates(done, time.monotonic() - begun, target.spent() - spent)


def _campaign(target: Target, seconds: float) -> dict[str, dict[str, float]]:
    before, spent = target.tally.runs, time.process_time()
    campaign = HostFuzzer([target], seed=1).run(examples=1_000_000, max_time=seconds)
    spent = time.process_time() - spent
    return {
        "programs": _rates(campaign.programs, campaign.seconds, spent),
        "runs": _rates(target.tally.runs - before, campaign.seconds, spent),
    }


def _rates(number: int, seconds: float, spent: float) -> dict[str, float]:
    """Per second by the clock, and per second on a CPU."""
    return {"clock": round(number / seconds, 1), "cpu": round(number / max(spent, 1e-9), 1)}


def _fsx() -> float | None:
    tool = shutil.which("fsx")
    if tool is None:
        return None
    with tempfile.TemporaryDirectory() as directory:
        begun = time.monotonic()
        done = subprocess.run(
            [tool, "-q", "-N", str(_FSX_OPERATIONS), str(Path(directory, "file"))],
            capture_output=True,
            text=True,
            timeout=300,
        )
        if done.returncode and not re.search("All .* operations completed", done.stdout):
            return None
        return round(_FSX_OPERATIONS / (time.monotonic() - begun), 1)
