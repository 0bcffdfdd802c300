"""What is private to a process until it gives it away, and who must not see it."""

import pytest

from fuzzcopy import Kernel
from fuzzcopy.kernel import Fork as ForkPath
from fuzzcopy.oracles import PrivateDataOracle, WrongPrivilege
from fuzzcopy.runner import run
from fuzzcopy.scenario import (
    CpuSpec,
    DirectWrite,
    FileSpec,
    Fork,
    Load,
    MappingSpec,
    Migrate,
    Munmap,
    PipeRead,
    PipeWrite,
    Poke,
    Read,
    Scenario,
    Segment,
    SpaceSpec,
    Store,
    Write,
)

OWN, FILE = MappingSpec(0, 1), MappingSpec(1, 1, 0, shared=True)
ANYWHERE = (Segment(0, 0, 16),)


class SharesForGood(ForkPath):
    """The child shows the parent's pages, and both may write to them."""

    async def give(self, cpu, twin, vpn, page, entry):
        await self.kernel.fault.map(twin, vpn, page, writable=True, dirty=entry.dirty)
        return True


class SharesForGoodKernel(Kernel):
    fork_path = SharesForGood


def judge(kernel, first, then, *, forked=False):
    """``first`` in one process, and then ``then`` in another."""
    mappings = () if forked else (OWN, FILE)
    scenario = Scenario(
        cpus=(CpuSpec(first), CpuSpec(then, 1)),
        files=(FileSpec(16),),
        spaces=(SpaceSpec((OWN, FILE)), SpaceSpec(mappings)),
    )
    return run(kernel, scenario, oracles=[PrivateDataOracle]).verdict


@pytest.mark.parametrize("put", [Store(0, 0, 4), Poke(0, 0, 4)])
def test_what_is_stored_after_a_fork_is_not_the_childs(put):
    verdict = judge(SharesForGoodKernel, (Fork(1), put), (Load(0, 0, 1),), forked=True)
    assert isinstance(verdict, WrongPrivilege)
    assert "cpu1 in mm1 loaded byte 0 of" in str(verdict)
    assert "private to mm0" in str(verdict)
    assert judge(Kernel, (Fork(1), put), (Load(0, 0, 1),), forked=True) is None


def test_what_was_there_before_is_the_childs_too():
    assert judge(Kernel, (Store(0, 0, 4), Fork(1)), (Load(0, 0, 16),), forked=True) is None


GIVEN_AWAY = [
    ((Store(0, 0, 16), Write(0, 0, ANYWHERE)), (Read(0, 0, ANYWHERE), Load(0, 0, 16))),
    ((Store(0, 0, 16), DirectWrite(0, 0, 0, 0, 1)), (Read(0, 0, ANYWHERE), Load(0, 0, 16))),
    ((Store(0, 0, 16), PipeWrite(ANYWHERE)), (PipeRead(ANYWHERE), Load(0, 0, 16))),
    ((Store(1, 0, 16),), (Load(1, 0, 16), Read(0, 0, ANYWHERE), Load(0, 0, 16))),
]


@pytest.mark.parametrize(("first", "then"), GIVEN_AWAY)
def test_what_is_given_away_may_be_seen(first, then):
    assert judge(Kernel, first, then) is None


def test_what_a_file_holds_is_nobodys_though_somebody_has_read_it():
    assert judge(Kernel, (Read(0, 0, ANYWHERE),), (Load(1, 0, 16),)) is None


def test_a_frame_that_holds_no_page_yet_is_nobodys():
    assert judge(Kernel, (Load(1, 0, 1), Munmap(1, 0, 1), Migrate(0, 0)), ()) is None
