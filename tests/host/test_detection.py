"""Faults planted between the program and the kernel: each is found, and shrunk."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from fuzzcopy.host.abilities import cannot_mount
from fuzzcopy.host.campaign import HostFuzzer
from fuzzcopy.host.executor import Executor
from fuzzcopy.host.memory import address_of
from fuzzcopy.host.programs import programs
from fuzzcopy.host.sandbox import Sandbox
from fuzzcopy.host.scale import HOST_PAGE
from fuzzcopy.host.target import Target
from fuzzcopy.scenario import Fsync, Read, Write

from .planted import Planted


class ShortTakenForFull(Executor):
    """A write that was cut short is acknowledged as if it were whole."""

    def _perform(self, operation, data):
        result = super()._perform(operation, data)
        if isinstance(operation, Write) and result > 0:
            return sum(segment.length for segment in operation.buffer)
        return result


class ExposedBeforeFilled(Executor):
    """A read right after a write shows what the page held before it was filled."""

    def _perform(self, operation, data):
        result = super()._perform(operation, data)
        if isinstance(operation, Read) and result >= HOST_PAGE:
            segment = max(operation.buffer, key=lambda s: s.length)
            self.memory.store(address_of(segment.slot, segment.offset), b"left over")
        return result


class LostAfterFsync(Executor):
    """What fsync acknowledged is gone once the cache is dropped."""

    def look(self, *arguments, **words):
        seen = super().look(*arguments, **words)
        if self.synced:
            for view in seen.views:
                if "evicted" in view:
                    view["evicted"] = bytes(len(view["evicted"]))
        return seen

    def _perform(self, operation, data):
        self.synced = self.synced or isinstance(operation, Fsync)
        return super()._perform(operation, data)

    def prepare(self, job, setting):
        self.synced = False
        super().prepare(job, setting)


@pytest.fixture
def memory_path(tmp_path):
    """A directory in memory, where there is one."""
    if not Path("/dev/shm").is_dir():
        yield tmp_path
        return
    with TemporaryDirectory(dir="/dev/shm", prefix="fuzzcopy-") as made:
        yield Path(made)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "kinds"),
    [
        (ShortTakenForFull, {"result"}),
        (ExposedBeforeFilled, {"content", "memory"}),
        (LostAfterFsync, {"content"}),
    ],
)
def test_a_planted_fault_is_found_and_shrunk(memory_path, fault, kinds):
    # Only what is lost on the disk needs the disk.
    on = Planted(fault(memory_path, evictable=fault is LostAfterFsync))
    campaign = HostFuzzer([on], seed=7).run(examples=3_000)
    assert campaign.finding is not None
    assert campaign.finding.kind in kinds
    assert campaign.finding.scenario.operations <= 2
    assert campaign.finding.seen_times == campaign.finding.runs


FAULTS = ["ShortTakenForFull", "StaleAfterTruncate", "ExposedBeforeFilled", "LostAfterFsync"]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_a_fuse_server_is_found_and_shrunk(monkeypatch, fault):
    trouble = cannot_mount("fuse")
    if trouble is not None:
        pytest.skip(trouble)
    monkeypatch.setenv("FAULTY_FUSE", fault)
    server = Path(__file__).with_name("faulty_fuse.py")
    with Sandbox() as sandbox:
        on = Target(sandbox, "fuse", sandbox.mount("fuse", server=str(server)))
        campaign = HostFuzzer([on], seed=7, strategy=programs(fs=["fuse"])).run(examples=3_000)
    assert campaign.finding is not None
    assert campaign.finding.scenario.operations <= 3
    if fault == "ExposedBeforeFilled":
        assert campaign.finding.private
