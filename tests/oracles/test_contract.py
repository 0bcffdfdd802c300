"""Contract: results of read() and write() against what could be had."""

from errno import EIO

import pytest

from fuzzcopy import Kernel
from fuzzcopy.kernel import BufferedRead, BufferedWrite, UserBuffer
from fuzzcopy.oracles import ContentOracle, ContractBroken, ContractOracle, LostWrite
from fuzzcopy.runner import run
from fuzzcopy.scenario import Read, Segment, Write

from .scenes import buffer, scene

INTO_NOTHING = (Segment(1, 24, 8), Segment(1, 32, 8))  # slot 1 ends at byte 32


class ClaimsEverything(BufferedWrite):
    async def perform(self, cpu, file, offset, buffer):
        await super().perform(cpu, file, offset, buffer)
        return buffer.length


class ClaimsTooMuch(BufferedWrite):
    async def perform(self, cpu, file, offset, buffer):
        return buffer.length + 1


class GivesUpAtTheFirstFault(BufferedWrite):
    async def fault_in(self, cpu, buffer, position, length):
        return length


class StopsAfterOnePage(BufferedWrite):
    async def perform(self, cpu, file, offset, buffer):
        return min(await super().perform(cpu, file, offset, buffer), self.page_size)


class ReadClaimsEverything(BufferedRead):
    async def read(self, cpu, file, offset, buffer):
        await super().read(cpu, file, offset, buffer)
        return buffer.length


class TellsToTryAgain(BufferedWrite):
    async def write(self, cpu, file, offset, buffer):
        return -11


class ReadFaultsForNothing(BufferedRead):
    async def read(self, cpu, file, offset, buffer):
        return -14


def writing(path):
    return type("Writing", (Kernel,), {"write_path": path})


def reading(path):
    return type("Reading", (Kernel,), {"read_path": path})


BROKEN = [
    (
        writing(ClaimsEverything),
        scene((Write(0, 0, INTO_NOTHING),)),
        "write returned 16, but only 8 can be had",
    ),
    (
        writing(ClaimsTooMuch),
        scene((Write(0, 0, buffer()),)),
        "write of 16 bytes returned 17",
    ),
    (
        writing(GivesUpAtTheFirstFault),
        scene((Write(0, 0, buffer(slot=0)),), page="absent"),
        "write returned EFAULT, but its first byte can be had",
    ),
    (
        writing(StopsAfterOnePage),
        scene((Write(0, 0, buffer(0, 32)),), size=32),
        "write moved 16 bytes of 32, but 32 can be had",
    ),
    (
        reading(ReadClaimsEverything),
        scene((Read(0, 0, INTO_NOTHING),)),
        "read returned 16, but only 8 can be had",
    ),
    (
        reading(ReadFaultsForNothing),
        scene((Read(0, 0, buffer()),)),
        "read returned EFAULT, but its first byte can be had",
    ),
    (
        writing(TellsToTryAgain),
        scene((Write(0, 0, buffer()),)),
        "write of 16 bytes returned -EAGAIN",
    ),
]


@pytest.mark.parametrize(("kernel", "where", "message"), BROKEN)
def test_a_result_that_cannot_be_is_reported_with_what_could(kernel, where, message):
    verdict = run(kernel, where, oracles=[ContractOracle]).verdict
    assert isinstance(verdict, ContractBroken)
    assert str(verdict) == message


class ReadClaimsTooMuch(BufferedRead):
    async def read(self, cpu, file, offset, buffer):
        return buffer.length + 1


@pytest.mark.parametrize(
    ("kernel", "call"),
    [
        (writing(ClaimsTooMuch), Write(0, 0, buffer())),
        (reading(ReadClaimsTooMuch), Read(0, 0, buffer())),
    ],
)
def test_more_than_the_buffer_holds_is_no_crash_of_another_oracle(kernel, call):
    assert run(kernel, scene((call,))).kind == "contract"


@pytest.mark.parametrize(("kernel", "where", "message"), BROKEN)
def test_the_reference_kernel_keeps_the_contract(kernel, where, message):
    assert run(Kernel, where, oracles=[ContractOracle]).verdict is None


class StopsEarly(BufferedWrite):
    """Writes its first segment and no more."""

    async def perform(self, cpu, file, offset, buffer):
        return await super().perform(cpu, file, offset, UserBuffer([buffer.segments[0]]))


class ReadsNothing(BufferedRead):
    async def read(self, cpu, file, offset, buffer):
        return 0


class ReadsOn(BufferedRead):
    async def read(self, cpu, file, offset, buffer):
        return min(buffer.length, 1 + await super().read(cpu, file, offset, buffer))


TOO_SHORT_OR_TOO_LONG = [
    (
        writing(StopsEarly),
        scene((Write(0, 16, (*buffer(0, 4), *buffer(8, 4))),)),
        "write moved 4 bytes of 8, but 8 can be had",
    ),
    (
        reading(ReadsNothing),
        scene((Read(0, 0, buffer()),)),
        "read moved 0 bytes of 16, but 16 can be had",
    ),
    (
        reading(ReadsOn),
        scene((Read(0, 8, buffer()),)),
        "read returned 9, but only 8 can be had",
    ),
]


@pytest.mark.parametrize(("kernel", "where", "message"), TOO_SHORT_OR_TOO_LONG)
def test_the_size_of_the_file_counts(kernel, where, message):
    verdict = run(kernel, where, oracles=[ContractOracle]).verdict
    assert str(verdict) == message
    assert run(Kernel, where, oracles=[ContractOracle]).verdict is None


class WritesOneByteMore(BufferedWrite):
    async def perform(self, cpu, file, offset, buffer):
        return await super().perform(cpu, file, offset, buffer) - 1


class FailsAfterWriting(BufferedWrite):
    async def perform(self, cpu, file, offset, buffer):
        await super().perform(cpu, file, offset, buffer)
        return -EIO


@pytest.mark.parametrize("path", [WritesOneByteMore, FailsAfterWriting])
def test_what_a_call_wrote_beyond_its_result_nobody_has_written(path):
    verdict = run(writing(path), scene((Write(0, 0, buffer()),)), oracles=[ContentOracle]).verdict
    assert isinstance(verdict, LostWrite)
