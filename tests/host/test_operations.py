"""Direct I/O, msync and fork on the running kernel, against the model."""

import pytest

from fuzzcopy.host.executor import Executor
from fuzzcopy.host.programs import with_processes
from fuzzcopy.host.target import expectation
from fuzzcopy.scenario import (
    CpuSpec,
    DirectRead,
    DirectWrite,
    FileSpec,
    Fork,
    Fsync,
    Invalidate,
    Load,
    MachineSpec,
    MappingSpec,
    Msync,
    Read,
    Scenario,
    Segment,
    SpaceSpec,
    Store,
    SwitchTo,
    Write,
)

from .planted import Planted

PAGE = 64
ANONYMOUS = MappingSpec(0, 2)
SHARED = MappingSpec(1, 2, 0, shared=True)
PRIVATE = MappingSpec(2, 1, 0)
PAGE_OF_M0 = (Segment(0, 0, PAGE),)


def alone(*program, size=2 * PAGE):
    return with_processes(
        Scenario(
            cpus=(CpuSpec(program),),
            files=(FileSpec(size, ("clean",)),),
            spaces=(SpaceSpec((ANONYMOUS, SHARED, PRIVATE)),),
            machine=MachineSpec(PAGE, PAGE, 40),
        )
    )


DIRECT = alone(
    Store(1, 0, PAGE),
    DirectRead(0, 0, 0, 0, 1),  # what was stored through the mapping
    Store(0, 0, 32),
    DirectWrite(0, 1, 0, 0, 1),
    Load(1, PAGE, PAGE),
    Read(0, PAGE, PAGE_OF_M0),
    DirectWrite(0, 2, 0, 0, 2),
    Load(1, 0, PAGE),
)
SYNCED = alone(
    Store(1, 0, PAGE),
    Msync(1, 0, 1),
    Invalidate(0),
    Load(1, 0, PAGE),
    Msync(1, 1, 2),  # its second page is not mapped
    Msync(0, 0, 1),
)
FORKED = alone(
    Store(0, 0, 32),
    Store(2, 0, 32),
    Fork(0),  # makes the process
    Store(0, 32, 32),
    Write(0, 0, PAGE_OF_M0),
    Fork(0),  # changes over to it
    Load(0, 0, PAGE),
    Store(0, 0, 2),
    Load(1, 0, PAGE),
    Load(2, 0, PAGE),
    Read(0, 0, (Segment(0, PAGE, PAGE),)),
    Fork(0),  # and back
    Load(0, 0, 2 * PAGE),
)


@pytest.mark.parametrize("fs", ["tmpfs", "ext4", "fuse", "xfs", "btrfs"])
@pytest.mark.parametrize("program", [DIRECT, SYNCED, FORKED])
def test_the_machine_does_what_the_model_says(target, fs, program):
    on = target(fs)
    before = on.tally.known.total()
    assert on.check(*expectation(program)) is None
    assert on.tally.known.total() == before  # everything was compared


def test_the_model_returns_what_is_meant_here():
    _, expected = expectation(SYNCED)
    assert expected.results == [[PAGE, 0, 0, PAGE, -12, 0]]
    _, expected = expectation(FORKED)
    assert [r for r in expected.results[0] if r < 0] == []


def test_a_fork_makes_a_process_and_the_next_ones_change_over():
    assert [type(op) for op in FORKED.cpus[0].program if type(op) in (Fork, SwitchTo)] == [
        Fork,
        SwitchTo,
        SwitchTo,
    ]
    plain = Scenario((CpuSpec((Fsync(0),)),), (FileSpec(PAGE),), machine=MachineSpec(PAGE, PAGE))
    assert with_processes(plain) is plain


class NoCopyOnWrite(Executor):
    """The forked process and its parent write to the same memory."""

    def perform(self, operation, data):
        if isinstance(operation, Store) and self._in_child:
            self.perform_here(operation, data)
        return super().perform(operation, data)


def test_memory_shared_after_a_fork_is_found(tmp_path):
    on = Planted(NoCopyOnWrite(tmp_path, evictable=False))
    found = on.check(*expectation(FORKED))
    assert found is not None
    assert (found.kind, found.operation) == ("load", "load")


class StaleAfterDirectWrite(Executor):
    """The cache goes on showing what was there before a direct write."""

    def _perform(self, operation, data):
        if isinstance(operation, DirectWrite):
            return operation.pages * 4096
        return super()._perform(operation, data)


def test_a_lost_direct_write_is_found(tmp_path):
    on = Planted(StaleAfterDirectWrite(tmp_path, evictable=False))
    found = on.check(*expectation(DIRECT))
    assert found is not None
    assert found.kind == "load"
