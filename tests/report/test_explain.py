"""Why the verdict."""

from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from fuzzcopy.bugs import catalogue
from fuzzcopy.kernel import BufferedRead, BufferedWrite, Kernel
from fuzzcopy.oracles.evidence import BadCount
from fuzzcopy.regression import Regression
from fuzzcopy.report import Report
from fuzzcopy.report.explain import explain
from fuzzcopy.report.explain.left import life_of_count
from fuzzcopy.scenario import (
    CpuSpec,
    FileSpec,
    Madvise,
    MappingSpec,
    Operation,
    Read,
    Scenario,
    Segment,
    SpaceSpec,
    Write,
)
from fuzzcopy.scenario.scenario import PageState

from .conftest import FILES
from .conftest import report as report_of


class EarlyWrite(BufferedWrite):
    """Calls every page uptodate that it locks."""

    async def begin(self, file, at, length):
        page = await super().begin(file, at, length)
        if page is not None:
            await page.set_uptodate()
        return page


class EarlyKernel(Kernel):
    write_path = EarlyWrite


def _scene(program: Sequence[Operation], *mappings: MappingSpec) -> Scenario:
    return Scenario(
        cpus=(CpuSpec(tuple(program)),),
        files=(FileSpec(32),),
        spaces=(SpaceSpec(mappings),),
    )


def test_a_deadlock_is_a_cycle_with_where_each_lock_was_taken(self_deadlock: Regression) -> None:
    report = Report.of(catalogue()[self_deadlock.kernel], self_deadlock.scenario)
    waits, has, *swapped = explain(report)
    taken = next(
        at
        for at, moment in enumerate(report.film.moments)
        for change in moment.changes
        if change.key == ("lock", "page lock f0:0") and change.new == "cpu0"
    )
    assert waits.startswith("+-> cpu0 waits for page lock f0:0 (step ")
    assert has.startswith(f"+--   which cpu0 has, taken at step {taken}, fuzzcopy/kernel/cache.py:")
    assert swapped[-1].startswith("swapped: fuzzcopy/bugs/sleeping_copy.py:")


def test_garbage_is_told_by_what_its_frame_held_before() -> None:
    # Anonymous memory is given back, and its frame becomes the page that is shown too early.
    program = [Madvise(0, 0, 1), Write(0, 0, (Segment(3, 0, 16),)), Read(0, 0, (Segment(1, 0, 4),))]
    report = Report.of(EarlyKernel, _scene(program, MappingSpec(0, 1), MappingSpec(1, 1)))
    assert report.outcome.kind == "not-uptodate exposure"
    freed = next(
        at
        for at, moment in enumerate(report.film.moments)
        for change in moment.changes
        if change.key == ("frame", "frame0") and change.new is None
    )
    first, *story = explain(report)
    assert f"what frame0 held as anon mm0:0x10 until step {freed}: byte 0 of page 0 of m0" in first
    assert any("the page is uptodate (step" in line for line in story)


def test_a_stale_entry_is_told_from_its_filling_to_the_flush_that_is_missing() -> None:
    for path in FILES:
        if report_of(path).outcome.kind == "stale TLB":
            words = [line.split(":")[0] for line in explain(report_of(path)) if ":  " in line]
            assert words[0] == "filled"
            told = [line.split(":")[0] for line in explain(report_of(path))]
            assert {"cleared", "changed"} & set(told)
            assert {"flushed", "missing"} & set(told)


class _Raising(BufferedWrite):
    async def prepare(self, cpu, buffer, position, length):
        try:
            {}["nothing"]
        except KeyError as error:
            raise ValueError("no such thing") from error


class _RaisingKernel(Kernel):
    write_path = _Raising


def test_a_crash_is_told_from_the_system_call_on_a_line_per_call() -> None:
    program = (Write(0, 0, (Segment(0, 0, 1),)),)
    spaces = (SpaceSpec((MappingSpec(0, 1),)),)
    made = Report.of(_RaisingKernel, Scenario((CpuSpec(program),), (FileSpec(16),), spaces))
    lines = explain(made)
    here = "tests/report/test_explain.py"
    assert [line.split(":")[0] for line in lines] == [
        here,
        "KeyError",
        "from which came",
        *["fuzzcopy/kernel/write.py"] * 3,
        here,
        "ValueError",
        "swapped",
    ]
    assert '(prepare): {}["nothing"]' in lines[0]
    assert lines[-2] == "ValueError: no such thing"


class _Endless(BufferedWrite):
    async def prepare(self, cpu, buffer, position, length):
        await self.again(cpu, buffer, position, length)

    async def again(self, *args):
        await self.prepare(*args)


class _EndlessKernel(Kernel):
    write_path = _Endless


def test_a_recursion_without_end_is_told_once_and_by_its_last_calls() -> None:
    program = (Write(0, 0, (Segment(0, 0, 1),)),)
    spaces = (SpaceSpec((MappingSpec(0, 1),)),)
    lines = explain(
        Report.of(_EndlessKernel, Scenario((CpuSpec(program),), (FileSpec(16),), spaces))
    )
    assert any("RecursionError" in line for line in lines)
    for name in ("prepare", "again"):
        assert sum(f"({name})" in line for line in lines) == 2
    [left_out] = [line for line in lines if line.startswith("...")]
    assert left_out.endswith("calls left out, the same over and over")


class _KeepsPages(BufferedRead):
    """Takes a reference and gives it back: one in two."""

    async def read(self, cpu, file, offset, buffer):
        for number in range(4):
            page = await file.find(0)
            if number % 2:
                await self.kernel.cache.put(page)
        return await super().read(cpu, file, offset, buffer)


class _KeepsALock(BufferedRead):
    async def read(self, cpu, file, offset, buffer):
        await file.lock.acquire()
        return await super().read(cpu, file, offset, buffer)


class _KeepsASharedLock(BufferedRead):
    async def read(self, cpu, file, offset, buffer):
        await file.invalidate.read.acquire()
        return await super().read(cpu, file, offset, buffer)


class _KeepsAFrame(BufferedRead):
    async def read(self, cpu, file, offset, buffer):
        await self.machine.memory.alloc()
        return await super().read(cpu, file, offset, buffer)


class _KeepsPagesKernel(Kernel):
    read_path = _KeepsPages


class _KeepsALockKernel(Kernel):
    read_path = _KeepsALock


class _KeepsASharedLockKernel(Kernel):
    read_path = _KeepsASharedLock


class _KeepsAFrameKernel(Kernel):
    read_path = _KeepsAFrame


def _left_over(kernel: type[Kernel], page: PageState = "clean") -> Report:
    scenario = _scene([Read(0, 0, (Segment(0, 0, 4),))], MappingSpec(0, 1))
    report = Report.of(kernel, replace(scenario, files=(FileSpec(16, (page,)),)))
    assert report.outcome.kind == "leak"
    return report


def test_a_reference_that_is_left_is_told_from_where_it_was_taken() -> None:
    report = _left_over(_KeepsPagesKernel)
    first, *taken, swapped = explain(report)
    assert first == "references: 1 at first"
    assert [line.split(",")[1] for line in taken] == [" read.read"] * 2
    assert [line.split()[:3] for line in taken] == [["2", "by", "cpu0"], ["3", "by", "cpu0"]]
    assert swapped.startswith("swapped: tests/report/test_explain.py:")


def test_few_changes_of_a_count_are_told_all() -> None:
    told = life_of_count(_left_over(_KeepsPagesKernel).film, BadCount("frame0", "refs"), most=20)
    counts = [int(line.split()[0]) for line in told[1:]]
    assert (counts[:6], counts[-1]) == ([2, 3, 2, 3, 4, 3], 3)


@pytest.mark.parametrize("kernel", [_KeepsALockKernel, _KeepsASharedLockKernel])
def test_a_lock_that_is_left_is_told_from_where_it_was_taken(kernel: type[Kernel]) -> None:
    # The page is brought in under the shared lock, which is taken and given back once more.
    taken, *_ = explain(_left_over(kernel, "absent"))
    assert taken.startswith("taken: by cpu0 ")
    assert ", read.read, tests/report/test_explain.py:" in taken


def test_a_frame_that_nobody_has_is_told_from_where_it_was_allocated() -> None:
    allocated, *_ = explain(_left_over(_KeepsAFrameKernel))
    assert allocated.startswith("allocated: by cpu0 (step ")
    assert ", read.read, tests/report/test_explain.py:" in allocated
