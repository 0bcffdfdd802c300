"""The trace: one row per step and event, with what it changed."""

from fuzzcopy import Kernel
from fuzzcopy.runner import run
from fuzzcopy.scenario import Fsync, Load, Truncate

from .scenes import BEFORE_THE_COPY, READ, WRITE, scene


def test_rows_tell_who_did_what_and_what_changed():
    rows = run(Kernel, scene((WRITE,))).trace.rows
    said = [(row.who, row.what) for row in rows]
    assert ("cpu0", "begins write(f0, 0, [m0+0:16])") in said
    assert ("cpu0", "page.lock f0:0") in said
    assert said[-1] == ("cpu0", "returns 16")
    locked = next(row for row in rows if row.what == "page.lock f0:0")
    assert "cpu0 has page lock f0:0" in locked.notes


def test_rows_are_numbered_in_order():
    rows = run(Kernel, scene()).trace.rows
    assert [row.number for row in rows] == list(range(len(rows)))


def test_hardware_has_rows_of_its_own():
    rows = run(Kernel, scene((WRITE, Fsync(0)))).trace.rows
    done = next(row for row in rows if row.what == "disk.write f0:0")
    assert done.who == ""
    assert "block f0:0 := frame0" in done.notes


def test_the_row_after_a_preemption_is_marked():
    rows = run(Kernel, scene(schedule=(BEFORE_THE_COPY,))).trace.rows
    marked = [row for row in rows if row.deviates]
    assert [(row.who, row.preempts) for row in marked] == [("cpu1", True)]


def test_a_run_by_default_has_no_marks():
    assert not [row for row in run(Kernel, scene()).trace.rows if row.deviates or row.preempts]


def test_the_digest_is_that_of_the_same_run_only():
    digest = run(Kernel, scene()).trace.digest()
    assert run(Kernel, scene()).trace.digest() == digest
    others = [
        scene(schedule=(BEFORE_THE_COPY,)),
        scene((WRITE,), (READ, Load(0, 0, 1))),
        scene((WRITE,), (READ, Truncate(0, 8))),
    ]
    assert digest not in {run(Kernel, other).trace.digest() for other in others}
    assert len(digest) == 32
