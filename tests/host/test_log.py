import os

import pytest

from fuzzcopy.host.log import KernelLog


@pytest.mark.parametrize(
    ("line", "heard"),
    [
        ("4,1,5,-;WARNING: CPU: 0 PID: 1 at mm/filemap.c:1\n SUBSYSTEM=x\n", True),
        ("4,1,5,-;WARNING: possible circular locking dependency detected\n", True),
        ("3,1,5,-;INFO: task fuzz:12 blocked for more than 120 seconds.\n", True),
        ("3,1,5,-;EXT4-fs error (device loop0): ext4_lookup:1\n", True),
        ("6,1,5,-;EXT4-fs (loop0): mounted filesystem\n", False),
        ("6,1,5,-;debug: nothing\n", False),
    ],
)
def test_complaints_are_told_from_the_rest(tmp_path, line, heard):
    path = tmp_path / "kmsg"
    os.mkfifo(path)
    log = KernelLog(str(path))
    writer = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
    os.write(writer, line.encode())
    assert bool(log.complaints()) == heard
    assert log.complaints() == []
    os.close(writer)
    log.close()


def test_no_log_is_no_complaint(tmp_path):
    log = KernelLog(str(tmp_path / "missing"))
    assert log.complaints() == []
    log.close()
