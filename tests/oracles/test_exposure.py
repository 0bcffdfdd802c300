"""Not-uptodate exposure: every way by which bytes that nobody wrote can get out."""

import pytest

from fuzzcopy import Kernel
from fuzzcopy.kernel import BufferedWrite, PageCache
from fuzzcopy.oracles import ExposureOracle, NotUptodateExposure
from fuzzcopy.runner import run
from fuzzcopy.scenario import Fsync, Load, Read, Write

from .scenes import buffer, scene


class NeverReadsIn(PageCache):
    async def fill(self, page, file):
        await page.set_uptodate()
        return 0


class NeverReadsInKernel(Kernel):
    cache_path = NeverReadsIn


class CommitsHalfPages(BufferedWrite):
    async def begin(self, file, at, length):
        return await super().begin(file, at, self.page_size)

    async def commit(self, file, page, at, length, copied):
        await page.set_uptodate()
        return await super().commit(file, page, at, length, copied)


class CommitsHalfPagesKernel(Kernel):
    write_path = CommitsHalfPages


WAYS = {
    "load": (NeverReadsInKernel, (Load(0, 3, 1),), "cpu0 loaded through frame"),
    "read": (NeverReadsInKernel, (Read(0, 0, buffer()),), "cpu0 was given from page f0:0"),
    "disk": (CommitsHalfPagesKernel, (Write(0, 0, buffer(0, 8)), Fsync(0)), "on the disk got"),
    "end": (CommitsHalfPagesKernel, (Write(0, 0, buffer(0, 8)),), "page 0 of f0 would show"),
}


@pytest.mark.parametrize("way", WAYS)
def test_garbage_that_gets_out_is_reported_with_where_it_came_from(way):
    kernel, program, who = WAYS[way]
    verdict = run(kernel, scene(program, page="stale"), oracles=[ExposureOracle]).verdict
    assert isinstance(verdict, NotUptodateExposure)
    assert who in str(verdict)
    assert "of what memory held at boot (left over from before)" in str(verdict)


@pytest.mark.parametrize("way", WAYS)
def test_the_reference_kernel_reads_the_page_in_first(way):
    assert run(Kernel, scene(WAYS[way][1], page="stale"), oracles=[ExposureOracle]).verdict is None


def test_a_byte_of_zero_is_no_garbage():
    program = (Read(0, 0, buffer()), Load(0, 0, 16))
    assert run(Kernel, scene(program, size=1), oracles=[ExposureOracle]).verdict is None
