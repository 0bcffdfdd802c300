"""Read-ahead: who comes while the data is on its way waits for it."""

import pytest

from fuzzcopy import Kernel
from fuzzcopy.kernel import ReadAhead
from fuzzcopy.oracles import ALL, NotUptodateExposure
from fuzzcopy.runner import Tally, find_failure, policies_for, run
from fuzzcopy.scenario import (
    CpuSpec,
    FaultPlan,
    FileSpec,
    Invalidate,
    Load,
    MappingSpec,
    Punch,
    Read,
    Readahead,
    Reclaim,
    Scenario,
    Segment,
    SpaceSpec,
    Truncate,
    Write,
)
from fuzzcopy.world import WorldWatcher

MEMORY, FILE = MappingSpec(0, 2), MappingSpec(1, 2, 0, shared=True)
BUFFER = (Segment(0, 0, 16),)


class Reads(WorldWatcher):
    """The blocks that were read, and how many operations had ended by then."""

    def __init__(self):
        self.ended = 0
        self.seen = []

    def operation_ended(self, cpu, number, operation, result):
        self.ended += 1

    def disk_read(self, block, frame):
        self.seen.append((block[1], self.ended))


NO_FAULTS = FaultPlan()


def scene(*programs, size=32, extents=(), faults=NO_FAULTS):
    return Scenario(
        cpus=tuple(CpuSpec(program) for program in programs),
        files=(FileSpec(size, (), extents),),
        spaces=(SpaceSpec((MEMORY, FILE)),),
        faults=faults,
    )


def reads(*program, **how):
    seen = Reads()
    run(Kernel, scene(program, **how), oracles=ALL, watchers=[seen]).raise_verdict()
    return seen.seen


def test_it_does_not_wait():
    assert reads(Readahead(0, 0, 2)) == [(0, 1), (1, 1)]


def test_it_reads_what_is_there_and_not_cached():
    assert reads(Readahead(0, 0, 5), size=17) == [(0, 1), (1, 1)]
    assert reads(Read(0, 0, BUFFER), Readahead(0, 0, 2)) == [(0, 0), (1, 2)]
    assert reads(Readahead(0, 0, 2), extents=("unwritten", "written")) == [(1, 1)]


def test_who_wants_the_page_waits_for_it_and_reads_nothing():
    assert reads(Readahead(0, 0, 1), Load(1, 0, 1)) == [(0, 1)]


def test_if_it_fails_the_next_one_tries_again():
    faults = FaultPlan(errors=(("read", 0, 0),))
    assert reads(Readahead(0, 0, 1), Read(0, 0, BUFFER), faults=faults) == [(0, 1)]


class Unlocked(ReadAhead):
    """Lets go of the page at once, and calls it good."""

    async def start(self, file, index):
        good = await super().start(file, index)
        page = file.pages.get(index)
        if page is not None:
            await page.set_uptodate()
        return good


OTHERS = [Read(0, 0, BUFFER), Write(0, 4, (Segment(0, 0, 4),)), Truncate(0, 5), Punch(0, 0, 1)]
OTHERS += [Invalidate(0), Reclaim(0, 0), Load(1, 0, 16)]


def search(kernel, other):
    tally = Tally()
    scenario = scene((Readahead(0, 0, 2), Load(1, 0, 16)), (other, Load(1, 0, 16)))
    return find_failure(kernel, scenario, policies_for(0, 200, tally), oracles=ALL, tally=tally)


@pytest.mark.parametrize("other", OTHERS, ids=str)
def test_nothing_goes_wrong_beside_it(other):
    assert search(Kernel, other) is None


def test_a_page_that_is_shown_before_its_data_is_there_is_found():
    found = search(type("Eager", (Kernel,), {"readahead_path": Unlocked}), OTHERS[0])
    assert found is not None
    assert isinstance(found.failure, NotUptodateExposure)
