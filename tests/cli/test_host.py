"""``fuzzcopy host``: what it says, its exit status, its files."""

import json
import os
from pathlib import Path

import pytest
from msgspec import structs

from fuzzcopy.host import abilities
from fuzzcopy.host.compare import Difference
from fuzzcopy.host.finding import HostFinding, load, save
from fuzzcopy.regression import Regression, RegressionError
from fuzzcopy.regression import save as save_regression
from fuzzcopy.scenario import (
    CpuSpec,
    FileSpec,
    Fork,
    Idle,
    MachineSpec,
    MappingSpec,
    Scenario,
    Segment,
    SpaceSpec,
    SwitchTo,
    Write,
)

needs_linux = pytest.mark.skipif(
    abilities.cannot_run() is not None, reason=str(abilities.cannot_run())
)

SCENARIO = Scenario(
    cpus=(CpuSpec((Write(0, 0, (Segment(0, 0, 64),)),)),),
    files=(FileSpec(64),),
    spaces=(SpaceSpec((MappingSpec(0, 1),)),),
    machine=MachineSpec(64, 64),
)


def finding(*, unwritten: bool = False) -> HostFinding:
    difference = Difference("content", "read", "it differs", "drawn", unwritten=unwritten)
    return HostFinding.of("tmpfs", SCENARIO, difference, 10, 10)


@needs_linux
def test_a_directory_of_the_users_is_enough(cli, tmp_path):
    result = cli("host", "--dir", tmp_path, "--examples", 30, "--seed", 5)
    assert result.exit_code == 0, result.output
    assert "nothing found: 30 programs, 120 runs on" in result.output
    # Hypothesis may note the constants of modules that are no installed ones: those of a checkout.
    assert {path.name for path in tmp_path.iterdir()} <= {".hypothesis"}


@needs_linux
def test_a_finding_that_is_not_there_is_not_reproduced(cli, tmp_path):
    path = save(finding(), tmp_path / "kept")
    result = cli("host", "--replay", path, "--dir", tmp_path)
    assert result.exit_code == 0, result.output
    assert "not reproduced on" in result.output


@needs_linux
def test_what_cannot_be_done_is_said_and_the_rest_is_done(cli, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    result = cli("host", "--fs", "ext4,tmpfs")
    assert result.exit_code == 2
    assert "ext4: own mounts need root; use --dir DIR" in result.output
    assert "no file system is left" in result.output


@needs_linux
def test_a_file_system_that_is_named_twice_is_used_once(cli, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    result = cli("host", "--fs", "tmpfs,ext4,tmpfs")
    told = [line for line in result.output.splitlines() if "own mounts need root" in line]
    assert [line.split()[2] for line in told] == ["tmpfs:", "ext4:"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--fs", "zfs"), "there is no file system 'zfs' here"),
        (("--fs", "ext4", "--dir", "."), "give one of them"),
        (("--dir", "missing"), "does not exist"),
        (("--dir", "/proc"), "/proc: no directory of files can be made there"),
        (("--replay", "missing.json"), "cannot read missing.json"),
    ],
)
@needs_linux
def test_bad_input_is_one_line(cli, words, says):
    result = cli("host", *words)
    assert result.exit_code == 2
    assert says in result.output.replace("\n", " ")


@needs_linux
def test_a_finding_that_cannot_be_saved_was_found_all_the_same(cli, tmp_path, monkeypatch):
    from fuzzcopy.host.campaign import HostCampaign, HostFuzzer

    def full(*_):
        raise OSError(28, "No space left on device")

    campaign = HostCampaign(seed=1, programs=1, finding=finding())
    monkeypatch.setattr(HostFuzzer, "run", lambda *_, **__: campaign)
    monkeypatch.setattr("fuzzcopy.regression.store._write_new", full)
    result = cli("host", "--dir", tmp_path)
    assert result.exit_code == 1
    assert "found and shrunk on tmpfs: it differs" in result.stdout
    assert "No space left on device" in result.stderr


def test_a_finding_survives_its_file(tmp_path):
    path = save(finding(), tmp_path)
    assert load(path) == finding()
    assert json.loads(path.read_text())["format"] == "fuzzcopy host regression"
    assert save(finding(), tmp_path) == path


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"cpus": (CpuSpec((Idle(),)),)}, "idle\\(\\) is nothing that a program can do"),
        ({"cpus": (CpuSpec((Fork(0),)), CpuSpec())}, "of one CPU only"),
        ({"cpus": (CpuSpec((SwitchTo(0), Fork(0))),)}, "forks once"),
        ({"cpus": (CpuSpec((Fork(0), Fork(0))),)}, "forks once"),
        ({"spaces": (SpaceSpec(),) * 3}, "the one that is forked from it"),
        ({"files": (FileSpec(11),)}, "an edge in it is too far"),
    ],
)
def test_what_cannot_be_performed_is_refused(tmp_path, changed, says):
    scenario = structs.replace(SCENARIO, **changed)
    path = save(structs.replace(finding(), scenario=scenario), tmp_path)
    with pytest.raises(RegressionError, match=says):
        load(path)


def test_what_nobody_wrote_goes_where_nobody_else_reads(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    path = save(finding(unwritten=True), tmp_path / "regressions")
    assert path.parent == tmp_path / "state" / "fuzzcopy" / "private"
    assert path.parent.stat().st_mode & 0o077 == 0
    assert not (tmp_path / "regressions").exists()


@pytest.mark.parametrize(
    "content", [b"", b"{}", b'{"format": "fuzzcopy regression"}', b"[" * 5000, b"\xff"]
)
def test_a_file_that_is_no_finding_is_refused(tmp_path: Path, content):
    path = tmp_path / "bad.json"
    path.write_bytes(content)
    with pytest.raises(RegressionError, match="no host regression"):
        load(path)


def test_a_regression_of_the_model_is_refused_with_the_command_for_it(
    tmp_path: Path, self_deadlock: Regression
) -> None:
    path = save_regression(self_deadlock, tmp_path)
    with pytest.raises(RegressionError, match="use `fuzzcopy replay`"):
        load(path)
