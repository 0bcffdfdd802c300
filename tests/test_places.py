"""What is written is written whole, or not at all."""

import errno
import os
from pathlib import Path

import pytest

from fuzzcopy.places import put


def test_what_cannot_be_written_leaves_what_was_there(tmp_path, monkeypatch):
    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    page = tmp_path / "page.html"
    page.write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        put(page, b"new")
    assert page.read_bytes() == b"old"
    assert [*tmp_path.iterdir()] == [page]


def test_a_link_is_followed(tmp_path):
    page, link = tmp_path / "page.html", tmp_path / "link"
    link.symlink_to(page)
    put(link, b"once")
    put(link, b"twice")
    assert link.is_symlink()
    assert page.read_bytes() == b"twice"


def test_what_is_no_file_is_written_to():
    reader, writer = os.pipe()
    put(Path(f"/dev/fd/{writer}"), b"through")
    os.close(writer)
    assert os.read(reader, 100) == b"through"
    os.close(reader)
