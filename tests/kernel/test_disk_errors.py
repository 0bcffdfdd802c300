"""Disks that fail: what calls return then, who is told, and what the judges make of it."""

from errno import EFAULT, EIO

import pytest

from fuzzcopy import Kernel
from fuzzcopy.kernel import Writeback
from fuzzcopy.kernel.errseq import Errors
from fuzzcopy.oracles import ALL, ContractBroken, LostDirty
from fuzzcopy.runner import Tally, find_failure, policies_for, run
from fuzzcopy.scenario import (
    Actors,
    CpuSpec,
    DirectRead,
    DirectWrite,
    FaultPlan,
    FileSpec,
    Fsync,
    Load,
    MappingSpec,
    Msync,
    Read,
    Reclaim,
    Scenario,
    Segment,
    SpaceSpec,
    Store,
    Truncate,
    Write,
)

from .programs import Results, perform

MEMORY = MappingSpec(0, 3)
FILE = MappingSpec(1, 3, 0, shared=True)
PAGE = (Segment(0, 0, 16),)
PART = (Segment(0, 0, 5),)


def failing(*errors):
    return FaultPlan(errors=errors)


@pytest.mark.parametrize(
    ("operation", "failed", "then"),
    [
        (Read(0, 0, PAGE), -EIO, 16),
        (Write(0, 3, PART), -EIO, 5),
        (Load(1, 0, 4), -EFAULT, 4),
        (Truncate(0, 5), -EIO, 0),
        (DirectRead(0, 0, 0, 0, 2), -EIO, 32),
    ],
)
def test_a_page_that_cannot_be_read_is_an_error_once(operation, failed, then):
    faults = failing(("read", 0, 0))
    results = perform(operation, operation, mappings=(MEMORY, FILE), faults=faults)
    assert results.returned == [failed, then]


def test_what_was_read_before_the_error_counts():
    two = (Segment(0, 0, 32),)
    results = perform(Read(0, 0, two), mappings=(MEMORY,), faults=failing(("read", 0, 1)))
    assert results.returned == [16]


def test_a_write_of_a_whole_page_needs_no_read():
    faults = failing(("read", 0, 0))
    results = perform(Write(0, 0, PAGE), Read(0, 0, PAGE), mappings=(MEMORY,), faults=faults)
    assert results.returned == [16, 16]


def test_a_failed_writeback_is_told_once():
    program = (Write(0, 0, PAGE), Fsync(0), Fsync(0), Write(0, 0, PAGE), Fsync(0))
    results = perform(*program, mappings=(MEMORY,), faults=failing(("write", 0, 0)))
    assert results.returned == [16, -EIO, 0, 16, 0]


def test_who_was_told_by_msync_is_not_told_by_fsync():
    program = Store(1, 0, 1), Msync(1, 0, 1), Fsync(0)
    results = perform(*program, mappings=(MEMORY, FILE), faults=failing(("write", 0, 0)))
    assert results.returned == [1, -EIO, 0]


def test_what_the_disk_did_not_take_is_gone_with_its_page():
    program = (Write(0, 0, PAGE), Fsync(0), Reclaim(0, 0), Load(1, 0, 1))
    results = perform(*program, mappings=(MEMORY, FILE), faults=failing(("write", 0, 0)))
    assert results.returned == [16, -EIO, 1, 1]
    untouched = perform(Load(1, 0, 1), mappings=(MEMORY, FILE))
    # Origins are numbered alike: the byte is the disk's old one.
    assert results.cells[-1] == untouched.cells[-1]


def test_a_direct_write_that_fails_says_so_itself():
    program = (DirectWrite(0, 0, 0, 0, 2), Fsync(0), DirectWrite(0, 0, 0, 0, 2))
    results = perform(*program, mappings=(MEMORY,), faults=failing(("write", 0, 1)))
    assert results.returned == [-EIO, 0, 32]


def test_so_it_does_if_the_memory_is_the_file_s_own_page():
    """fsync need not say it again, though it is a page of the cache that could not be written."""
    program = (DirectWrite(0, 0, 1, 0, 1), Fsync(0))
    results = perform(*program, mappings=(MEMORY, FILE), faults=failing(("write", 0, 0)))
    assert results.returned == [-EIO, 0]


TWO = Scenario(
    cpus=(CpuSpec((Write(0, 0, PAGE), Fsync(0))), CpuSpec((Fsync(0), Fsync(0)))),
    files=(FileSpec(16),),
    spaces=(SpaceSpec((MEMORY,)),),
    actors=Actors(flusher=1),
    faults=failing(("write", 0, 0)),
)


def test_every_program_is_told():
    """One after the other: the second program was not told when the first one was."""
    results = Results()
    run(Kernel, TWO, oracles=ALL, watchers=[results]).raise_verdict()
    assert results.returned == [16, -EIO, -EIO, 0]


def search(kernel):
    tally = Tally()
    return find_failure(kernel, TWO, policies_for(0, 300, tally), oracles=ALL, tally=tally)


def test_no_schedule_of_that_is_wrong():
    assert search(Kernel) is None


class Flag(Errors):
    """As before 4.13: whoever asks first clears it."""

    async def check(self, cpu):
        return await self.update(lambda _: 0) > 0


class Sticky(Errors):
    async def check(self, cpu):
        return await self.get() > 0


class Deaf(Writeback):
    async def fsync(self, cpu, file):
        await self.sync(cpu, file)
        return 0


class Impatient(Writeback):
    """Asks before it has waited."""

    async def fsync(self, cpu, file):
        told = await file.errors.check(cpu)
        await self.sync(cpu, file)
        return -EIO if told else 0


def kernel(path):
    return type("Bad", (Kernel,), {"writeback_path": path})


WRONG = [
    (Errors, kernel(Deaf), LostDirty, "returned 0, but f0:0 was not written"),
    (Errors, kernel(Impatient), LostDirty, "returned 0, but f0:0 was not written"),
    (Flag, Kernel, LostDirty, "returned 0, but f0:0 was not written"),
    (Sticky, Kernel, ContractBroken, "returned EIO once more"),
]


@pytest.mark.parametrize(("errors", "kernel", "verdict", "words"), WRONG)
def test_an_fsync_that_says_something_else_is_found(errors, kernel, verdict, words, monkeypatch):
    monkeypatch.setattr("fuzzcopy.kernel.file.Errors", errors)
    found = search(kernel)
    assert found is not None
    assert isinstance(found.failure, verdict)
    assert words in str(found.failure)
