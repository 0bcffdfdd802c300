"""Steps that touch more than they say."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from fuzzcopy.cli import main
from fuzzcopy.fuzz import draw_programs
from fuzzcopy.kernel import BufferedWrite, Kernel, Page
from fuzzcopy.runner import check_accesses, run
from fuzzcopy.sched import Cell

from .scenes import READ, WRITE, scene

HERE = Path(__file__).name


class HastyWrite(BufferedWrite):
    """Looks at a flag and at the size behind the scheduler's back."""

    async def copy(self, cpu, page, start, buffer, position, length):
        await self.scheduler.point("write.look")
        assert page.dirty in (True, False)
        assert page.file.size.peek() >= 0
        return await super().copy(cpu, page, start, buffer, position, length)


class HastyKernel(Kernel):
    write_path = HastyWrite


class CarefulWrite(BufferedWrite):
    """Says what it looks at."""

    async def copy(self, cpu, page, start, buffer, position, length):
        await self.scheduler.point("write.look", page)
        assert page.dirty in (True, False)
        self.scheduler.touch(page.file.size, False)
        assert page.file.size.peek() >= 0
        return await super().copy(cpu, page, start, buffer, position, length)


class CarefulKernel(Kernel):
    write_path = CarefulWrite


def test_accesses_behind_the_scheduler_s_back_are_found_with_their_place():
    unsaid = check_accesses(HastyKernel, [scene((WRITE,), (READ,))])
    assert [(each.what, each.step) for each in unsaid] == [
        ("dirty of a page", "write.look"),
        ("a cell", "write.look"),
    ]
    assert all(HERE in each.place for each in unsaid)


class MumblingWrite(BufferedWrite):
    """Writes where it says that it reads, and counts a reference where it says the page."""

    async def copy(self, cpu, page, start, buffer, position, length):
        if self.scheduler.turn("write.look", page, False):
            await self.scheduler.pass_baton()
        page.dirty = page.dirty
        assert page.refs > 0
        return await super().copy(cpu, page, start, buffer, position, length)


class MumblingKernel(Kernel):
    write_path = MumblingWrite


def test_reading_is_not_writing_and_a_page_is_not_its_place():
    unsaid = check_accesses(MumblingKernel, [scene((WRITE,), (READ,))])
    assert [(each.does, each.what) for each in unsaid] == [
        ("writes", "dirty of a page"),
        ("reads", "refs of a page"),
    ]


def test_what_a_step_says_it_may_touch():
    assert check_accesses(CarefulKernel, [scene((WRITE,), (READ,))]) == []


@pytest.mark.slow
def test_the_reference_kernel_says_all():
    assert check_accesses(Kernel, draw_programs(2, 200, operations=2)) == []


def test_nothing_is_guarded_afterwards():
    before = Page.dirty, Cell.peek
    check_accesses(Kernel, [scene((WRITE,))])
    assert (Page.dirty, Cell.peek) == before
    assert run(Kernel, scene((WRITE,))).verdict is None


def test_the_command_line_says_how_many():
    done = CliRunner().invoke(
        main, ["explore", "reference", "--check", "--programs", "3", "--seed", "1"]
    )
    assert done.exit_code == 0
    assert done.stdout == "no steps of reference touched what they do not say, in 3 programs\n"
