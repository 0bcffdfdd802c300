"""Nothing is left mounted, running or lying about, however a campaign ends."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fuzzcopy.host.abilities import cannot_mount, cannot_run
from fuzzcopy.host.target import expectation
from fuzzcopy.scenario import CpuSpec, FileSpec, MachineSpec, Scenario

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(cannot_run() is not None, reason=str(cannot_run())),
]


def processes(mark: str) -> list[int]:
    """The processes that have ``mark`` in their environment."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (entry / "environ").read_bytes():
                found.append(int(entry.name))
        except OSError:
            continue
    return [pid for pid in found if pid != os.getpid()]


def loops() -> str:
    """What the loop devices of this machine show."""
    found = []
    for file in Path("/sys/block").glob("loop*/loop/backing_file"):
        try:
            found.append(file.read_text())
        except OSError:
            continue
    return "".join(found)


@contextmanager
def campaign(command: list[str], tmp_path: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    """A long campaign under way, with its supervisor and its worker."""
    process = subprocess.Popen(
        [*command, "host", "--examples", "1000000", "--no-save", *words],
        cwd=tmp_path,
        env=os.environ | {"TMPDIR": str(tmp_path), "FUZZCOPY_TEST": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        # In the background of a shell the signal would be ignored from the start.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        deadline = time.monotonic() + 60
        while len(processes(str(tmp_path))) < 4 and time.monotonic() < deadline:
            assert process.poll() is None, process.communicate()[0]
            time.sleep(0.05)
        time.sleep(0.3)
        yield process
    finally:
        process.kill()
        process.communicate()


def all_gone(tmp_path: Path) -> bool:
    """Whether everything is as it was, before long."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if (
            not processes(str(tmp_path))
            and not list(tmp_path.glob("**/fuzzcopy-host-*"))
            and str(tmp_path) not in Path("/proc/mounts").read_text()
            and str(tmp_path) not in loops()
        ):
            return True
        time.sleep(0.1)
    return False


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_nothing_is_left_of_own_mounts(fuzzcopy_command, tmp_path, end):
    for fs in ("tmpfs", "ext4"):
        trouble = cannot_mount(fs)
        if trouble is not None:
            pytest.skip(trouble)
    with campaign(fuzzcopy_command, tmp_path, "--fs", "tmpfs,ext4") as process:
        assert str(tmp_path) not in Path("/proc/mounts").read_text()  # not even now
        assert str(tmp_path) in loops()
        process.send_signal(end)
        output = process.communicate(timeout=600)[0]
    assert all_gone(tmp_path)
    if end == signal.SIGINT:
        assert process.returncode == 130
        assert "interrupted" in output


def test_a_killed_command_leaves_nothing_running_in_a_users_directory(fuzzcopy_command, tmp_path):
    with campaign(fuzzcopy_command, tmp_path, "--dir", str(tmp_path)) as process:
        process.kill()
        process.communicate(timeout=600)
    assert all_gone(tmp_path)


def signal_worker(on, number: int) -> None:
    """Send a signal to the process that performs programs on ``on``."""
    for pid in processes(""):
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        if b"fuzzcopy.host.worker" in words and on.where.directory.encode() in words:
            os.kill(pid, number)


@pytest.mark.parametrize(("number", "kind"), [(signal.SIGKILL, "crash"), (signal.SIGSTOP, "hang")])
def test_a_worker_that_ends_or_does_nothing_is_said_and_replaced(target, monkeypatch, number, kind):
    monkeypatch.setattr("fuzzcopy.host.sandbox.LOOK", 0.5)
    on = target("tmpfs")
    plan, expected = expectation(
        Scenario((CpuSpec(),), (FileSpec(64),), machine=MachineSpec(64, 64))
    )
    assert on.check(plan, expected) is None
    signal_worker(on, number)
    found = on.check(plan, expected)
    assert found is not None
    assert found.kind == kind
    assert on.check(plan, expected) is None
