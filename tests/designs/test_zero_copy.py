"""Zero copy: when a page changes hands, when it is copied all the same, and what comes after."""

import pytest

from fuzzcopy import Kernel
from fuzzcopy.designs import designs
from fuzzcopy.oracles import ALL
from fuzzcopy.runner import run
from fuzzcopy.scenario import (
    Collapse,
    CpuSpec,
    FaultPlan,
    FileSpec,
    Fsync,
    Load,
    MappingSpec,
    Operation,
    Punch,
    Read,
    Scenario,
    Segment,
    SpaceSpec,
    Store,
    Truncate,
    Write,
)
from fuzzcopy.world import WorldWatcher

PRESENT = MappingSpec(0, 2)
ABSENT = MappingSpec(0, 2, present=False)
SHARED = MappingSpec(1, 2, 0, shared=True, present=False)


class Hands(WorldWatcher):
    """Which pages changed hands, what was copied, and what loads loaded."""

    def __init__(self) -> None:
        self.moved: list[str] = []
        self.copied = 0
        self.interrupts = 0
        self.loaded_cells: list[list[int]] = []

    def page_flipped(self, cpu, page, buffer, position, cells):
        self.moved.append(f"{page} to the user")

    def page_taken(self, cpu, page, buffer, position, cells):
        self.moved.append("to the cache")

    def copied_to_user(self, cpu, page, start, buffer, position, cells):
        self.copied += len(cells)

    copied_from_user = copied_to_user

    def ipi_sent(self, sender, targets):
        self.interrupts += len(targets)

    def loaded(self, cpu, address, cells):
        self.loaded_cells.append(cells)


def perform(
    name: str,
    *program: Operation,
    own: MappingSpec,
    others: int = 0,
    faults: FaultPlan | None = None,
) -> Hands:
    """``program`` on the first CPU, ``others`` of the same process beside it; f0 is cached."""
    hands = Hands()
    kernel = Kernel if name == "reference" else designs()[name]
    scenario = Scenario(
        cpus=(CpuSpec(program), *[CpuSpec(())] * others),
        files=(FileSpec(32, ("clean", "clean")),),
        spaces=(SpaceSpec((own, SHARED)),),
        faults=faults or FaultPlan(),
    )
    run(kernel, scenario, oracles=ALL, watchers=[hands]).raise_verdict()
    return hands


READ = Read(0, 0, (Segment(0, 0, 16),))
WRITE = Write(0, 0, (Segment(0, 0, 16),))


def test_a_page_that_is_not_mapped_is_flipped_without_a_copy_and_without_an_interrupt() -> None:
    hands = perform("flip-on-failure", READ, own=ABSENT, others=3)
    assert hands.moved == ["f0:0 to the user"]
    assert (hands.copied, hands.interrupts) == (0, 0)


def test_a_page_that_is_mapped_is_copied_by_the_one_and_replaced_by_the_other() -> None:
    hands = perform("flip-on-failure", READ, own=PRESENT, others=3)
    assert (hands.moved, hands.copied, hands.interrupts) == ([], 16, 0)
    hands = perform("walk-and-flip", READ, own=PRESENT, others=3)
    assert (hands.moved, hands.copied, hands.interrupts) == (["f0:0 to the user"], 0, 3)


def test_a_page_that_is_not_mapped_is_taken_without_a_copy_and_without_an_interrupt() -> None:
    hands = perform("take-on-failure", WRITE, own=ABSENT, others=3)
    assert (hands.moved, hands.copied, hands.interrupts) == (["to the cache"], 0, 0)


def test_a_mapped_source_is_copied_by_the_one_and_taken_by_the_other() -> None:
    hands = perform("take-on-failure", WRITE, own=PRESENT, others=3)
    assert (hands.moved, hands.copied, hands.interrupts) == ([], 16, 0)
    hands = perform("walk-and-take", WRITE, own=PRESENT, others=3)
    assert (hands.moved, hands.copied, hands.interrupts) == (["to the cache"], 0, 3)


@pytest.mark.parametrize("name", ["flip-on-failure", "walk-and-flip"])
@pytest.mark.parametrize(
    "change",
    [
        Write(0, 4, (Segment(0, 20, 8),)),
        Store(1, 0, 8),
        Truncate(0, 8),
        Punch(0, 0, 1),
    ],
    ids=["write", "store", "truncate", "punch"],
)
def test_what_was_read_stays_as_it_was_whoever_changes_the_file(name: str, change) -> None:
    before = perform(name, READ, Load(0, 0, 8), own=ABSENT)
    hands = perform(name, READ, change, Load(0, 0, 8), Fsync(0), own=ABSENT)
    assert hands.moved[0] == "f0:0 to the user"
    assert hands.loaded_cells == before.loaded_cells


@pytest.mark.parametrize(
    ("name", "call"), [("walk-and-flip", READ), ("walk-and-take", WRITE), ("flip-on-failure", READ)]
)
def test_a_lent_page_is_no_page_that_a_fault_would_bring_back(name: str, call) -> None:
    """Collapsing a page table leaves it alone: there is no other copy of it."""
    own = MappingSpec(0, 1, present=name != "flip-on-failure")
    hands = perform(name, call, Load(0, 0, 8), Collapse(0), Load(0, 0, 8), own=own)
    assert len(hands.moved) == 1
    assert hands.loaded_cells[0] == hands.loaded_cells[1]


@pytest.mark.parametrize("name", ["take-on-failure", "walk-and-take"])
@pytest.mark.parametrize("own", [PRESENT, ABSENT], ids=["present", "absent"])
def test_a_store_after_the_write_changes_the_buffer_and_not_the_file(name: str, own) -> None:
    hands = perform(name, WRITE, Load(1, 0, 8), Store(0, 0, 8), Load(1, 0, 8), own=own)
    assert hands.loaded_cells[0] == hands.loaded_cells[1]


@pytest.mark.parametrize("name", ["flip-on-failure", "walk-and-flip"])
def test_a_page_that_somebody_can_store_to_through_a_mapping_is_copied(name: str) -> None:
    hands = perform(name, Store(1, 0, 8), READ, own=ABSENT)
    assert (hands.moved, hands.copied) == ([], 16)


@pytest.mark.parametrize("name", ["flip-on-failure", "walk-and-flip"])
def test_nothing_is_mapped_over_memory_that_faults_in_its_middle(name: str) -> None:
    poisoned = FaultPlan(poison=((0, 0, 8),))
    hands = perform(name, READ, own=ABSENT, faults=poisoned)
    assert (hands.moved, hands.copied) == ([], 8)


@pytest.mark.parametrize("name", ["flip-on-failure", "walk-and-flip"])
@pytest.mark.parametrize(
    "read",
    [
        Read(0, 0, (Segment(0, 0, 8),)),
        Read(0, 0, (Segment(0, 8, 16),)),
        Read(0, 8, (Segment(0, 0, 16),)),
        Read(0, 0, (Segment(1, 16, 16),)),
    ],
    ids=["short", "buffer not aligned", "file not aligned", "into a mapping of the file"],
)
def test_what_is_not_a_whole_page_of_own_memory_is_copied(name: str, read: Read) -> None:
    assert perform(name, read, own=ABSENT).moved == []
