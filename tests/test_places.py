"""Whether something can be written is tried, leaving nothing; then it is written whole or not."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from fuzzcopy.places import check_directory, check_file, check_page, put

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


def test_what_cannot_be_written_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    page = tmp_path / "page.html"
    page.write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        put(page, b"new")
    assert page.read_bytes() == b"old"
    assert [*tmp_path.iterdir()] == [page]


def test_a_link_is_followed(tmp_path: Path) -> None:
    page, link = tmp_path / "page.html", tmp_path / "link"
    link.symlink_to(page)
    put(link, b"once")
    put(link, b"twice")
    assert link.is_symlink()
    assert page.read_bytes() == b"twice"


def test_what_is_no_file_is_written_to() -> None:
    reader, writer = os.pipe()
    put(Path(f"/dev/fd/{writer}"), b"through")
    os.close(writer)
    assert os.read(reader, 100) == b"through"
    os.close(reader)
