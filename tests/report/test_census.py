"""The census counts what really happened, and puts it down to who did it."""

from collections import Counter

from fuzzcopy import Kernel
from fuzzcopy.oracles import ALL
from fuzzcopy.report.census import Counts, census
from fuzzcopy.runner import run
from fuzzcopy.scenario import (
    Actors,
    CpuSpec,
    FileSpec,
    Fsync,
    MappingSpec,
    Reclaim,
    Scenario,
    Segment,
    SpaceSpec,
    Store,
    Truncate,
    Write,
)


def counted(*program, pages=("clean", "clean"), **scenario) -> Counts:
    counts: Counts = Counter()
    spaces = (SpaceSpec((MappingSpec(0, 2, 0, shared=True),)),)
    where = Scenario((CpuSpec(program),), (FileSpec(32, pages),), spaces, **scenario)
    run(Kernel, where, oracles=(*ALL, census(counts))).raise_verdict()
    return counts


def test_operations_by_their_results():
    counts = counted(Write(0, 0, (Segment(0, 8, 32),)), Write(0, 0, (Segment(0, 40, 1),)))
    assert counts["operation", "write -> short"] == 1
    assert counts["operation", "write -> EFAULT"] == 1


def test_nothing_that_is_there_from_the_beginning_counts():
    assert all(group == "run with" for group, _ in counted())


def test_a_dirty_page_under_a_mapping_and_who_takes_it():
    counts = counted(Store(0, 0, 4), Reclaim(0, 0), Fsync(0), Reclaim(0, 0))
    assert counts["fault", "write fault: page of the file, writable (in store)"] == 1
    assert counts["entry", "cleared (dirty) by reclaim"] == 1
    assert counts["reclaim", "mapped dirty page kept by reclaim"] == 1
    assert counts["page", "unmapped page written back by fsync"] == 1
    assert counts["reclaim", "unmapped clean page freed by reclaim"] == 1
    assert counts["event", "disk.write"] == 1


def test_actors_are_named():
    counts = counted(Truncate(0, 20), pages=("dirty",), actors=Actors(flusher=1))
    assert counts["run with", "flusher"] == 1
    assert counts["page", "mapped page written back by flusher"] == 1


def test_a_copy_that_came_back_short_and_was_tried_again():
    counts = counted(Write(0, 0, (Segment(0, 20, 8),)), pages=())
    assert counts["copy", "atomic copy got nothing (in write)"] == 1
    assert counts["copy", "write tried again after a short copy"] == 1
