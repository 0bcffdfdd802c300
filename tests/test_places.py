"""Whether something can be written is tried, and nothing is left of the trial."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from fuzzcopy.places import check_directory, check_file, check_page

Check = Callable[[Path], None]

in_proc = pytest.mark.skipif(not Path("/proc/self").exists(), reason="there is no /proc here")


@pytest.mark.parametrize("check", [check_directory, check_file, check_page])
def test_nothing_is_left_where_it_can_be_written(tmp_path: Path, check: Check) -> None:
    check(tmp_path / "new")
    assert os.listdir(tmp_path) == []


def test_a_directory_may_be_there_or_far_from_it(tmp_path: Path) -> None:
    for directory in (tmp_path, tmp_path / "a" / "b"):
        check_directory(directory)
    assert os.listdir(tmp_path) == []


@in_proc
@pytest.mark.parametrize("name", ["/proc", "/proc/new", "/proc/new/newer"])
def test_no_directory_where_root_itself_makes_none(name: str) -> None:
    with pytest.raises(OSError, match="/proc"):
        check_directory(Path(name))


@in_proc
@pytest.mark.parametrize("check", [check_file, check_page])
def test_no_file_there_either(check: Check) -> None:
    with pytest.raises(OSError, match="/proc"):
        check(Path("/proc/new"))


def test_a_file_needs_its_directory(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="there is no such directory"):
        check_file(tmp_path / "a" / "b")


def test_a_file_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("mine")
    check_file(path)
    assert path.read_text() == "mine"


def test_a_page_goes_over_a_page_and_nothing_else(tmp_path: Path) -> None:
    page, notes = tmp_path / "page", tmp_path / "notes"
    page.write_text("<!doctype html>\n...")
    notes.write_text("mine")
    check_page(page)
    with pytest.raises(FileExistsError, match="there is a file that is no page"):
        check_page(notes)
    assert notes.read_text() == "mine"
