"""Programs alone: the running kernel does what the reference kernel says, or a row says why not."""

import pytest

from fuzzcopy.host.campaign import HostFuzzer

SEED = 20_260_101


@pytest.mark.parametrize("fs", ["tmpfs", "ext4", "fuse", "fuse-writeback"])
def test_the_machine_agrees_with_the_model(target, fs):
    on = target(fs)
    before = on.tally.runs
    campaign = HostFuzzer([on], seed=SEED).run(examples=150)
    assert campaign.finding is None, campaign.finding
    assert campaign.problem is None
    assert campaign.programs >= 120
    assert on.tally.runs - before == 4 * campaign.programs


@pytest.mark.parametrize("fs", ["xfs", "btrfs"])
def test_other_file_systems_agree_where_their_tools_are_there(target, fs):
    campaign = HostFuzzer([target(fs)], seed=SEED).run(examples=60)
    # What may be a security problem is told to its maintainers, not here.
    assert campaign.finding is None or campaign.finding.private, campaign.finding


def test_what_was_written_is_there_after_a_remount(target):
    on = target("ext4")
    for _ in range(20):
        HostFuzzer([on], seed=SEED).run(examples=1)
        assert on.check_remounted() is None
        if on.tally.remounts:
            return
    pytest.fail("nothing was there to look at")


def test_page_states_are_established_not_hoped_for(target):
    on = target("ext4")
    HostFuzzer([on], seed=SEED).run(examples=30)
    assert on.tally.established > 0
    assert on.tally.missed == 0
