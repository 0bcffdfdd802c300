"""Write protection for a snapshot: who writes gets a copy, and nobody writes past it."""

from errno import EAGAIN, ENOENT

from fuzzcopy import Kernel
from fuzzcopy.machine import Cells
from fuzzcopy.oracles import ALL, Oracle
from fuzzcopy.runner import run
from fuzzcopy.scenario import (
    CpuSpec,
    FileSpec,
    Fsync,
    Load,
    MappingSpec,
    Poke,
    Scenario,
    SpaceSpec,
    Store,
    Switch,
    Unprotect,
    WriteProtect,
)

from .programs import perform

OWN = MappingSpec(0, 1)


class Look(Oracle):
    """What the snapshot holds, and what is mapped, at the end."""

    kept: dict[int, Cells]
    mapped: dict[int, Cells]

    def finish(self):
        space = self.world.kernel.spaces[0]
        Look.kept = {vpn: page.frame.cells for vpn, page in space.snapshot.items()}
        Look.mapped = {vpn: entry.frame.cells for vpn, entry in space.table.entries.items()}


def after(*programs, mapping=OWN, schedule=()):
    scenario = Scenario(
        cpus=tuple(CpuSpec(program) for program in programs),
        files=(FileSpec(16, ("clean",)),),
        spaces=(SpaceSpec((mapping,)),),
        schedule=schedule,
    )
    outcome = run(Kernel, scenario, oracles=[*ALL, Look])
    outcome.raise_verdict()
    assert outcome.missed is None
    return outcome


def test_the_snapshot_keeps_what_was_and_the_process_goes_on_with_a_copy():
    after((Store(0, 0, 4), WriteProtect(0, 0, 1), Store(0, 0, 2)))
    assert Look.kept[16] is not Look.mapped[16]
    assert Look.kept[16][:2] != Look.mapped[16][:2]
    assert Look.kept[16][2:] == Look.mapped[16][2:]


def test_a_debugger_does_not_write_to_what_the_snapshot_keeps():
    """Nor if the mapping is read-only, where there is no other permission to ask for."""
    after(
        (Poke(0, 0, 4), WriteProtect(0, 0, 1), Poke(0, 0, 2)),
        mapping=MappingSpec(0, 1, 0, writable=False),
    )
    assert Look.kept[16][:2] != Look.mapped[16][:2]
    assert Look.kept[16][2:] == Look.mapped[16][2:]


def test_what_the_snapshot_let_go_of_is_written_to_in_place():
    after((Store(0, 0, 4), WriteProtect(0, 0, 1), Load(0, 0, 1)))
    before = Look.mapped[16]
    after((Store(0, 0, 4), WriteProtect(0, 0, 1), Unprotect(0, 0, 1), Store(0, 4, 4)))
    assert Look.kept == {}
    assert Look.mapped[16][:4] == before[:4]
    assert Look.mapped[16][4:8] != before[4:8]


def test_a_second_snapshot_takes_the_place_of_the_first():
    after((WriteProtect(0, 0, 1), Store(0, 0, 4), WriteProtect(0, 0, 1)))
    assert Look.kept[16] is Look.mapped[16]


def test_a_shared_page_of_a_file_is_only_protected():
    program = (Store(0, 0, 4), WriteProtect(0, 0, 1), Store(0, 0, 4), Fsync(0))
    after(program, mapping=MappingSpec(0, 1, 0, shared=True))
    assert Look.kept == {}


def test_a_hole_is_an_error():
    seen = perform(WriteProtect(0, 0, 2), Unprotect(0, 0, 2), mappings=(OWN,))
    assert seen.returned == [-ENOENT, 0]


def test_a_page_that_is_just_being_brought_in_is_left_alone():
    # cpu0 has mapped its new page and not let go of its own reference.
    outcome = after(
        (Store(0, 0, 1),),
        (WriteProtect(0, 0, 1),),
        mapping=MappingSpec(0, 1, present=False),
        schedule=(Switch("cpu0", "page.put anon mm0:0x10", 1, "cpu1"),),
    )
    assert Look.kept == {}
    assert any(row.what == f"returns {-EAGAIN}" for row in outcome.trace.rows)
