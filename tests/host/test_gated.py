"""Concurrent programs: copies stopped in the middle, answers held; every outcome is explained."""

import pytest
from msgspec.structs import replace

from fuzzcopy.host.campaign import HostFuzzer
from fuzzcopy.host.conductor import turn
from fuzzcopy.host.explain import unexplained
from fuzzcopy.host.lower import lower
from fuzzcopy.host.programs import concurrent
from fuzzcopy.host.target import expectation
from fuzzcopy.scenario import (
    CpuSpec,
    FileSpec,
    Invalidate,
    Load,
    MachineSpec,
    MappingSpec,
    Read,
    Reclaim,
    Scenario,
    Segment,
    SpaceSpec,
    Store,
    Truncate,
    Write,
)

SEED = 20_260_101
PAGE = 64


@pytest.mark.parametrize("fs", ["tmpfs", "ext4", "fuse", "fuse-writeback"])
def test_every_outcome_is_explained(target, fs):
    on = target(fs)
    held = on.tally.gates
    campaign = HostFuzzer([on], seed=SEED, strategy=concurrent(fs=[fs])).run(examples=100)
    assert campaign.finding is None, campaign.finding
    assert campaign.problem is None
    assert on.tally.gates > held


def scenario(*programs, files, mappings, schedule=()):
    return Scenario(
        cpus=tuple(CpuSpec(tuple(program)) for program in programs),
        files=tuple(files),
        spaces=(SpaceSpec(tuple(mappings)),),
        machine=MachineSpec(PAGE, PAGE),
        schedule=tuple(schedule),
    )


# The write path's bugs, as programs for the running kernel: there they neither hang nor leak.
COLD = FileSpec(PAGE, ("absent",))
IDLE = [Load(3, 0, 1)]
SELF_SOURCED = scenario(
    [Write(0, 0, (Segment(0, 0, PAGE),))],
    IDLE,
    files=[COLD],
    mappings=[MappingSpec(0, 1, 0, shared=True, present=False)],
    schedule=[turn(1, 1)],
)
CROSSED = scenario(
    [Write(0, 0, (Segment(1, 0, PAGE),))],
    [Write(1, 0, (Segment(0, 0, PAGE),))],
    files=[COLD, COLD],
    mappings=[
        MappingSpec(0, 1, 0, shared=True, present=False),
        MappingSpec(1, 1, 1, shared=True, present=False),
    ],
    schedule=[turn(1, 1), turn(2, 1)],
)
TRUNCATED_MEANWHILE = scenario(
    [Read(0, 0, (Segment(1, 0, PAGE),))],
    [Truncate(0, 0)],
    files=[COLD],
    mappings=[
        MappingSpec(0, 1, 0, shared=True, present=False),
        MappingSpec(1, 1, present=False),
    ],
    schedule=[turn(1, 1)],
)
TRUNCATED_UNDER_A_FAULT = scenario(
    [Load(0, 0, PAGE)],
    [Truncate(0, 0)],
    files=[COLD],
    mappings=[MappingSpec(0, 1, 0, shared=True, present=False)],
    schedule=[turn(1, 1)],
)
EVICTED_BETWEEN = scenario(
    # The second segment is a gate: by then the first one's page was touched, and is evicted.
    [Write(0, 0, (Segment(1, 0, PAGE // 2), Segment(2, 0, PAGE // 2)))],
    [Invalidate(1), Reclaim(1, 0), Reclaim(0, 0)],
    files=[COLD, FileSpec(PAGE, ("clean",))],
    mappings=[MappingSpec(1, 1, 1, shared=True), MappingSpec(2, 1, present=False)],
    schedule=[turn(1, 1), turn(2, 1), turn(3, 1)],
)
TWINS = {
    "a self-sourced write of a page that is not uptodate": SELF_SOURCED,
    "two crossed writers": CROSSED,
    "truncation while a read is under way": TRUNCATED_MEANWHILE,
    "truncation while a fault is under way": TRUNCATED_UNDER_A_FAULT,
    "eviction between touching and copying": EVICTED_BETWEEN,
}


@pytest.mark.parametrize("fs", ["tmpfs", "ext4", "fuse", "fuse-writeback"])
@pytest.mark.parametrize("twin", TWINS)
def test_a_bug_of_the_write_path_is_not_in_the_running_kernel(target, fs, twin):
    on = target(fs)
    held = on.tally.gates
    for _ in range(3):
        plan, expected = expectation(TWINS[twin])
        found = on.check(plan, expected, settings=["drawn"])
        assert found is None, found
    # Where its page cannot be gated or held, the program runs all the same.
    gated = fs.startswith("fuse") or fs == "tmpfs" or TWINS[twin] is EVICTED_BETWEEN
    assert (on.tally.gates > held) or not gated


def test_a_held_read_keeps_the_page_locked_and_not_uptodate(target):
    """While the server holds its answer, truncation waits for the page: it ends after the read."""
    on = target("fuse")
    plan, _ = expectation(TRUNCATED_MEANWHILE)
    [seen] = on.run(lower(plan, ["drawn"]))
    [[read], [truncate]] = seen.times
    assert seen.gates >= 1
    assert truncate[0] < read[1]  # it began while the read was held


def test_the_end_of_one_process_does_not_take_the_server_away_from_another(sandbox, target):
    """When one has ended, the supervisor has the server let go of what it holds."""
    on = target("fuse")
    plan, expected = expectation(SELF_SOURCED)
    assert on.check(plan, expected) is None
    sandbox.worker(target("tmpfs").where, evictable=False).close()
    held = on.tally.gates
    assert on.check(plan, expected) is None
    assert on.tally.gates > held


def test_a_byte_that_no_order_explains_is_found(target):
    """The machine's outcome of a write and a read, with one byte of it changed."""
    on = target("tmpfs")
    program = scenario(
        [Write(0, 0, (Segment(1, 0, PAGE),))],
        [Read(0, 0, (Segment(2, 0, PAGE),))],
        [Store(0, 0, 1)],
        files=[FileSpec(PAGE, ("clean",))],
        mappings=[
            MappingSpec(0, 1, present=False),
            MappingSpec(1, 1),
            MappingSpec(2, 1),
        ],
    )
    plan, _ = expectation(program)
    job = lower(plan, ["drawn"])
    [seen] = on.run(job)
    assert unexplained(job, seen) is None
    spoiled = bytearray(seen.reads[1][0])
    spoiled[7] ^= 0xFF
    found = unexplained(job, replace(seen, reads=[[b""], [bytes(spoiled)], [b""]]))
    assert found is not None
    assert found.message.startswith("byte 7 of f0")
