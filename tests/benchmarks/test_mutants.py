"""`python -m benchmarks mutants`: whether what is left out is really gone, and nothing else."""

import tomllib

import pytest

from benchmarks import mutants
from benchmarks.mutation import all_mutants, kernel_of, marked_kernel
from fuzzcopy import Kernel
from fuzzcopy.oracles import ALL
from fuzzcopy.runner import run
from fuzzcopy.scenario import (
    CpuSpec,
    FileSpec,
    Fsync,
    Load,
    MappingSpec,
    Migrate,
    Munmap,
    Read,
    Scenario,
    Segment,
    SpaceSpec,
    Store,
    Write,
)

BUFFER = (Segment(0, 0, 16),)


def scene(*program, page="stale"):
    return Scenario(
        cpus=(CpuSpec(program),),
        files=(FileSpec(16, (page,)),),
        spaces=(SpaceSpec((MappingSpec(0, 1), MappingSpec(1, 1, 0, shared=True))),),
    )


def verdict(name, scenario):
    return run(kernel_of(all_mutants()[name]), scenario, oracles=ALL).kind


READ, SYNCED = (Read(0, 0, BUFFER),), (Write(0, 0, BUFFER), Fsync(0))
KILLED = [
    ("BufferedRead.uptodate_page: await page.is_uptodate() -> True", READ, "not-uptodate exposure"),
    ("Writeback.sync: await page.wait_for_writeback()", SYNCED, "lost dirty"),
    ("BufferedWrite.commit: await page.set_dirty()", SYNCED, "lost dirty"),
    ("Unmap.zap: await page.unmapped()", (Load(1, 0, 1), Munmap(1, 0, 1)), "leak"),
    ("Unmap.zap: await space.flushes.update(_one_less)", (Munmap(1, 0, 1),), "leak"),
    ("Fault.handle: with space.mmap_lock.read", (Load(1, 0, 1),), None),
]


@pytest.mark.parametrize(("name", "program", "expected"), KILLED)
def test_what_is_left_out_is_gone(name, program, expected):
    assert run(Kernel, scene(*program), oracles=ALL).kind is None
    assert verdict(name, scene(*program)) == expected


def test_a_count_that_is_not_asked_for_may_be_any():
    name = "Migrate.move: expected_refs=2 -> any number"
    seen = run(kernel_of(all_mutants()[name]), scene(Migrate(0, 0), page="clean"), oracles=ALL)
    plain = run(Kernel, scene(Migrate(0, 0), page="clean"), oracles=ALL)
    assert seen.kind is None
    assert seen.steps == plain.steps


def test_marks_change_nothing_and_tell_where_a_run_has_been():
    seen = {}
    kernel = marked_kernel(lambda name: seen.update({name: None}))
    program = scene(Write(0, 0, BUFFER), Store(1, 0, 4), Fsync(0), Read(0, 0, BUFFER))
    marked, plain = (run(k, program, oracles=ALL) for k in (kernel, Kernel))
    assert marked.kind is plain.kind is None
    assert marked.steps == plain.steps
    assert "Writeback.clean_and_submit: await page.clear_dirty()" in seen
    assert "Punch.evict: await self.kernel.unmap.range_everywhere(" not in "".join(seen)


def test_every_reason_is_for_a_mutant_that_there_is():
    known = tomllib.loads(mutants.KNOWN.read_text("utf-8"))
    assert known.keys() <= all_mutants().keys()
    assert [r for r in known.values() if mutants._unfounded(r)] == []
    assert mutants._unfounded("bug none-such: it")
    assert mutants._unfounded("test tests/none_such.py: it")
