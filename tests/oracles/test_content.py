"""Content: what a kernel does to bytes becomes the right history, and the right verdict."""

import pytest
from msgspec.structs import replace

from fuzzcopy import Kernel
from fuzzcopy.bugs import catalogue
from fuzzcopy.kernel import (
    BufferedRead,
    BufferedWrite,
    Mapping,
    Truncate,
    Unmap,
    UserBuffer,
    UserCopy,
    slot_page,
)
from fuzzcopy.kernel import Reclaim as ReclaimPath
from fuzzcopy.machine import ZERO
from fuzzcopy.oracles import ContentOracle, LostDirty, LostWrite, TornRead
from fuzzcopy.runner import Tally, find_failure, policies_for, run
from fuzzcopy.scenario import (
    Actors,
    CpuSpec,
    DirectWrite,
    FileSpec,
    Fsync,
    Load,
    MappingSpec,
    Mmap,
    Punch,
    Read,
    Reclaim,
    Scenario,
    SpaceSpec,
    Store,
    Switch,
    Write,
)
from fuzzcopy.scenario import Truncate as TruncateTo

from .scenes import buffer, scene


class ForgetsToCopy(UserCopy):
    async def from_user(self, cpu, page, start, buffer, position, length):
        for tell in self.scheduler.bus.copied_from_user:
            tell(cpu, page, start, buffer, position, list(range(900, 900 + length)))
        return length


class ForgetsDirty(BufferedWrite):
    async def commit(self, file, page, at, length, copied):
        was = page.dirty
        accepted = await super().commit(file, page, at, length, copied)
        page.dirty = was
        return accepted


class ForgetsTheEntrysDirtyBit(Unmap):
    async def write_protect(self, cpu, file, page):
        await super().write_protect(cpu, file, page)
        page.dirty = False
        return False


class KeepsTheTail(Truncate):
    async def zero_tail(self, cpu, file, size):
        return 0


class ReadsTheDisk(BufferedRead):
    """Reads past the page cache."""

    async def uptodate_page(self, file, index):
        page = await super().uptodate_page(file, index)
        page.frame.cells[:] = self.machine.disk.content((file.name, index))
        return page


class DeliversNothing(BufferedRead):
    async def deliver(self, cpu, file, page, start, buffer, position, length):
        return length


class TakesNothing(BufferedWrite):
    async def copy(self, cpu, page, start, buffer, position, length):
        return length


class LeavesOneOut(BufferedRead):
    async def deliver(self, cpu, file, page, start, buffer, position, length):
        for at in {*range(length)} - {7}:
            await self.kernel.copy.to_user(cpu, page, start + at, buffer, position + at, 1)
        return length


class OwnBufferRead(BufferedRead):
    """Moves everything without a word: in a buffer of its own."""

    async def read(self, cpu, file, offset, buffer):
        return await super().read(cpu, file, offset, UserBuffer(buffer.segments))


class OwnBufferWrite(BufferedWrite):
    async def write(self, cpu, file, offset, buffer):
        return await super().write(cpu, file, offset, UserBuffer(buffer.segments))


class MapsOverWhatIsThere(Mapping):
    async def mmap(self, cpu, vma, *, populate):
        async with vma.space.mmap_lock.write:
            await vma.space.add(vma)
        return 0


class LooksIntoAProcess(ReclaimPath):
    async def balance(self, cpu):
        space = self.kernel.spaces[0]
        address = slot_page(0) * self.page_size
        await self.kernel.switch.enter(cpu, space)
        await self.kernel.access.load(cpu, address, 4)
        await self.kernel.access.store(cpu, address, [ZERO] * 4)
        await space.leave(cpu)


def kernel(**paths):
    return type("Bad", (Kernel,), paths)


WRITE = Write(0, 0, buffer())
READ = Read(0, 0, buffer(16))

WRONG = [
    (kernel(copy_path=ForgetsToCopy), scene((WRITE,)), LostWrite, "the next read has"),
    (
        kernel(write_path=ForgetsDirty),
        scene((WRITE,)),
        LostDirty,
        "the disk after a sync has byte 0 of page 0 of f0 on disk",
    ),
    (
        kernel(write_path=ForgetsDirty),
        scene((WRITE, Fsync(0))),
        LostDirty,
        "the disk after fsync(f0) by cpu0 has byte 0 of page 0 of f0 on disk",
    ),
    (
        kernel(write_path=ForgetsDirty),
        scene((WRITE, Reclaim(0, 0), READ)),
        TornRead,
        "read(f0, 0, [m1+16:16]) by cpu0 has byte 0 of page 0 of f0 on disk, as the start left it",
    ),
    (
        kernel(read_path=ReadsTheDisk),
        scene((Store(0, 0, 4), READ)),
        TornRead,
        "byte 0 of f0: read(f0, 0, [m1+16:16]) by cpu0 has",
    ),
    (
        kernel(read_path=DeliversNothing),
        scene((READ,)),
        TornRead,
        "byte 0 of f0: read(f0, 0, [m1+16:16]) by cpu0 has byte 0 of page 1 of m1 in mm0",
    ),
    (
        kernel(read_path=LeavesOneOut),
        scene((READ,)),
        TornRead,
        "byte 7 of f0: read(f0, 0, [m1+16:16]) by cpu0 has byte 7 of page 1 of m1 in mm0",
    ),
    (
        kernel(write_path=TakesNothing),
        scene((WRITE,)),
        LostWrite,
        "the next read has byte 0 of page 0 of f0 on disk, as the start left it",
    ),
    (
        kernel(truncate_path=KeepsTheTail),
        scene((TruncateTo(0, 4), TruncateTo(0, 16), READ)),
        TornRead,
        "byte 4 of f0",
    ),
    (
        kernel(mapping_path=MapsOverWhatIsThere),
        scene((Mmap(1, 0, 0, 1, shared=True, writable=True, populate=False), Load(1, 0, 4))),
        TornRead,
        "byte 0 of f0: a load by cpu0 has byte 0 of page 0 of m1 in mm0",
    ),
]


@pytest.mark.parametrize(("kernel", "where", "kind", "message"), WRONG)
def test_a_byte_that_no_order_explains_is_reported_with_its_writers(kernel, where, kind, message):
    verdict = run(kernel, where, oracles=[ContentOracle]).verdict
    assert type(verdict) is kind
    assert message in str(verdict)


@pytest.mark.parametrize(("kernel", "where", "kind", "message"), WRONG)
def test_the_reference_kernel_can_be_explained(kernel, where, kind, message):
    assert run(Kernel, where, oracles=[ContentOracle]).verdict is None


BESIDE = scene((WRITE, READ), (READ, Store(1, 16, 16), WRITE), (Store(1, 0, 32),))


@pytest.mark.parametrize(
    "where",
    [
        scene((WRITE, Store(1, 0, 16), READ)),
        scene((Read(0, 0, (*buffer(16, 8), *buffer(20, 8))),)),
        scene((Read(0, 0, buffer(slot=0)), Write(0, 0, buffer(slot=0)))),
        BESIDE,
    ],
)
def test_what_is_moved_without_a_word_has_been_moved_all_the_same(where):
    silent = kernel(read_path=OwnBufferRead, write_path=OwnBufferWrite)
    tally = Tally()
    policies = policies_for(1, 40, tally)
    assert find_failure(silent, where, policies, oracles=[ContentOracle], tally=tally) is None


def test_a_kernel_thread_may_be_in_an_address_space():
    borrows = kernel(reclaim_path=LooksIntoAProcess)
    where = replace(scene((Load(0, 0, 4),)), actors=Actors(kswapd=1))
    outcome = run(borrows, where, oracles=[ContentOracle])
    assert (outcome.verdict, outcome.problem) == (None, None)


def test_what_is_punched_reads_as_zeros_and_the_rest_does_not():
    assert (
        run(Kernel, scene((WRITE, Punch(0, 0, 1), READ)), oracles=[ContentOracle]).verdict is None
    )


class PunchesNothing(Truncate):
    async def punch(self, cpu, file, first, pages):
        return 0


def test_a_punch_that_leaves_the_bytes_is_a_torn_read():
    bad = kernel(punch_path=PunchesNothing)
    verdict = run(bad, scene((WRITE, Punch(0, 0, 1), READ)), oracles=[ContentOracle]).verdict
    assert type(verdict) is TornRead
    assert "punch(f0:0+1) by cpu0 wrote an explicit zero" in str(verdict)


def test_what_is_stored_past_the_end_may_be_there_or_not():
    program = (Store(0, 0, 16), TruncateTo(0, 16), READ, Load(0, 0, 16))
    assert run(Kernel, scene(program, size=8), oracles=[ContentOracle]).verdict is None


class NeverGrows(BufferedWrite):
    async def commit(self, file, page, at, length, copied):
        size = file.size.peek()
        accepted = await super().commit(file, page, at, length, copied)
        await file.size.set(size)
        return accepted


def test_a_file_that_did_not_grow_with_what_was_written_is_a_lost_write():
    bad = kernel(write_path=NeverGrows)
    where = scene((Write(0, 8, buffer()),))
    assert type(run(bad, where, oracles=[ContentOracle]).verdict) is LostWrite


def test_a_file_that_was_truncated_after_it_grew_is_none():
    where = scene((Write(0, 8, buffer()), TruncateTo(0, 12)))
    assert run(Kernel, where, oracles=[ContentOracle]).verdict is None


def test_a_read_from_a_page_that_was_dropped_may_find_the_file_longer():
    """Of what a write puts into the next page there, it shows zeros."""
    scenario = Scenario(
        cpus=(
            CpuSpec((Punch(0, 0, 1), Write(0, 0, buffer(slot=0)))),
            CpuSpec((Read(0, 0, buffer(slot=1)),)),
        ),
        files=(FileSpec(1),),
        spaces=(SpaceSpec(tuple(MappingSpec(slot, 1, None, shared=False) for slot in (0, 1))),),
        schedule=(
            Switch("cpu0", "begin", 1, run="cpu1"),
            Switch("cpu1", "get f0.size", 2, run="cpu0"),
        ),
    )
    outcome = run(Kernel, scenario)
    assert outcome.missed is None
    assert outcome.verdict is None


def test_what_a_direct_write_syncs_before_it_writes_excuses_nothing():
    kernel = catalogue()["dio-leaves-stale-cache"]
    scenario = scene((DirectWrite(0, 0, 1, 0, 1),), (Store(0, 0, 8),), page="dirty")
    tally = Tally()
    found = find_failure(kernel, scenario, policies_for(1, 400, tally), tally=tally)
    assert found is not None
    assert isinstance(found.failure, LostWrite)
