"""Extents: what has no written block reads as zeros, and becomes written when its I/O is over."""

import pytest

from fuzzcopy import Kernel, run
from fuzzcopy.kernel import Allocate, PageCache
from fuzzcopy.machine import ZERO
from fuzzcopy.oracles import NotUptodateExposure
from fuzzcopy.scenario import (
    CpuSpec,
    Fallocate,
    FileSpec,
    Fsync,
    MappingSpec,
    Punch,
    Read,
    Reclaim,
    Scenario,
    Segment,
    SpaceSpec,
    Truncate,
    Write,
)
from fuzzcopy.world import WorldWatcher


class Extents(WorldWatcher):
    """Every change of an extent, and what reads were given."""

    def __init__(self):
        self.changes = []
        self.read = []

    def operation_begun(self, cpu, number, operation):
        self.changes.clear()

    def extent_changed(self, name, index, state):
        self.changes.append((index, state))

    def copied_to_user(self, cpu, page, start, buffer, position, cells):
        self.read += cells


def scene(*program, extents=("unwritten", "hole"), pages=()):
    return Scenario(
        cpus=(CpuSpec(program),),
        files=(FileSpec(32, pages, extents),),
        spaces=(SpaceSpec((MappingSpec(0, 2),)),),
    )


def outcome(*program, kernel=Kernel, **where):
    seen = Extents()
    result = run(kernel, scene(*program, **where), watchers=[seen])
    return result.verdict, seen


BUFFER = (Segment(0, 0, 8),)


@pytest.mark.parametrize("offset", [0, 16])
def test_what_was_never_written_reads_as_zeros_without_io(offset):
    verdict, seen = outcome(Read(0, offset, BUFFER))
    assert verdict is None
    assert seen.read == [ZERO] * 8


@pytest.mark.parametrize(("page", "extent"), [(0, "unwritten"), (1, "hole")])
def test_writeback_makes_a_written_extent_of_what_a_write_left(page, extent):
    program = (Write(0, 16 * page, BUFFER), Fsync(0))
    verdict, seen = outcome(*program)
    assert verdict is None
    reserved = [(page, "unwritten")] if extent == "hole" else []
    assert seen.changes == [*reserved, (page, "written")]


def test_a_write_beside_what_is_written_already_reads_it_in():
    program = (Write(0, 0, BUFFER), Fsync(0), Reclaim(0, 0), Write(0, 12, (Segment(0, 0, 4),)))
    verdict, _ = outcome(*program, Read(0, 0, BUFFER))
    assert verdict is None


def test_preallocation_gives_blocks_to_holes_only_even_past_the_end():
    _, seen = outcome(Fallocate(0, 0, 4))
    assert seen.changes == [(1, "unwritten"), (2, "unwritten"), (3, "unwritten")]


@pytest.mark.parametrize("gone", [Punch(0, 0, 2), Truncate(0, 0)])
def test_blocks_are_given_back(gone):
    _, seen = outcome(gone, extents=("written", "unwritten"))
    assert seen.changes == [(0, "hole"), (1, "hole")]


class ReadsAnyBlock(PageCache):
    """Reads blocks in that nobody has written."""

    async def clear(self, page):
        await page.lock.scheduler.point("about to read")
        page.frame.cells[:] = self.machine.disk.content((page.file.name, page.index))
        await page.set_uptodate()


def test_an_unwritten_block_holds_what_it_held_before():
    bad = type("Bad", (Kernel,), {"cache_path": ReadsAnyBlock})
    verdict, _ = outcome(Read(0, 0, BUFFER), kernel=bad)
    assert type(verdict) is NotUptodateExposure


class KeepsTheMap(Allocate):
    """Frees the blocks and goes on taking them for the file's."""

    async def release(self, file, first, end):
        for index in range(first, 2):
            await self.machine.disk.discard((file.name, index))
            self.machine.disk.allocate((file.name, index))


def test_a_block_that_was_freed_comes_back_with_garbage():
    bad = type("Bad", (Kernel,), {"allocate_path": KeepsTheMap})
    verdict, _ = outcome(Punch(0, 0, 1), Read(0, 0, BUFFER), kernel=bad, extents=())
    assert type(verdict) is NotUptodateExposure
