"""A file system in user space that can hold its answers back: pages stay locked meanwhile.

Files are byte arrays in this process. Whoever connects to the control socket can have READ and
WRITE requests held: the kernel keeps the page that a held READ shall fill locked and not uptodate.
Needs pyfuse3 (``pip install fuzzcopy[host]``), trio's own FUSE library.
"""

from __future__ import annotations

import errno
import os
import signal
import stat
import sys as python
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pyfuse3
import trio

from fuzzcopy.host import syscalls as sys

_FOREVER = 3600.0
_LONGEST = 0.5
"""Seconds after which a held request is answered in any case."""
_ROOT = pyfuse3.ROOT_INODE


@dataclass(slots=True)
class Node:
    """One file: its bytes are what was written back, no more."""

    name: str
    data: bytearray = field(default_factory=bytearray)
    mode: int = stat.S_IFREG | 0o600
    changed: int = field(default_factory=time.time_ns)


@dataclass(slots=True)
class Rule:
    """Hold the next ``kind`` (``read`` or ``write``) request that touches bytes of a file."""

    kind: str
    name: str
    low: int
    high: int


class Control:
    """Who may hold requests, and those held now."""

    def __init__(self) -> None:
        self.rules: list[Rule] = []
        self.everything = False
        self.held: dict[int, trio.Event] = {}
        self._count = 0
        self._turn = trio.Lock()
        self._listener: trio.SocketStream | None = None

    async def serve(self, stream: trio.SocketStream) -> None:
        """Do what comes line by line: ``hold KIND NAME LOW HIGH``, ``release N``, ``clear``.

        ``everything`` holds that. Whoever has something held hears of it; each is told when what
        he said is done.
        """
        try:
            buffer = b""
            while part := await stream.receive_some(4096):
                buffer += part
                *lines, buffer = buffer.split(b"\n")
                for line in lines:
                    words = line.decode().split()
                    if words[:1] in (["hold"], ["everything"]):
                        self._listener = stream
                    self._obey(words)
                    await self._tell(stream, "done")
        except trio.BrokenResourceError:
            pass
        finally:
            if self._listener is stream:
                self._listener = None
                self._obey(["clear"])

    def _obey(self, words: Sequence[str]) -> None:
        match words:
            case ["hold", kind, name, low, high]:
                self.rules.append(Rule(kind, name, int(low), int(high)))
            case ["everything"]:
                self.everything = True
            case ["release", number]:
                event = self.held.pop(int(number), None)
                if event is not None:
                    event.set()
            case ["clear"]:
                self.rules.clear()
                self.everything = False
                for event in self.held.values():
                    event.set()
                self.held.clear()

    async def request(self, kind: str, name: str, offset: int, length: int) -> None:
        """A request has come: wait as long as it is held."""
        for rule in self.rules:
            if (rule.kind, rule.name) == (kind, name) and (
                offset < rule.high and rule.low < offset + length
            ):
                self.rules.remove(rule)
                break
        else:
            if not self.everything:
                return
        self._count += 1
        number, event = self._count, trio.Event()
        self.held[number] = event
        if self._listener is not None:
            await self._tell(self._listener, f"held {number} {kind} {name} {offset} {length}")
        # munmap can wait for a WRITE with the mmap lock held, and so can we, for that lock.
        with trio.move_on_after(_LONGEST):
            await event.wait()

    async def _tell(self, stream: trio.SocketStream, line: str) -> None:
        async with self._turn:
            with suppress(trio.BrokenResourceError, trio.ClosedResourceError):
                await stream.send_all(line.encode() + b"\n")


class MemoryFs(pyfuse3.Operations):
    """A flat directory of files in memory."""

    def __init__(self, control: Control, *, writeback: bool) -> None:
        super().__init__()
        self.enable_writeback_cache = writeback
        self.control = control
        self.nodes: dict[int, Node] = {}
        self.names: dict[bytes, int] = {}
        self._next = _ROOT + 1

    def _entry(self, inode: int) -> pyfuse3.EntryAttributes:
        entry = pyfuse3.EntryAttributes()
        entry.st_ino = inode
        entry.attr_timeout = entry.entry_timeout = _FOREVER
        entry.st_blksize = 4096
        entry.st_uid, entry.st_gid = os.getuid(), os.getgid()
        if inode == _ROOT:
            entry.st_mode, entry.st_nlink = stat.S_IFDIR | 0o700, 2
            return entry
        node = self.nodes[inode]
        entry.st_mode, entry.st_nlink = node.mode, 1
        entry.st_size = len(node.data)
        entry.st_blocks = -(-len(node.data) // 512)
        entry.st_mtime_ns = entry.st_ctime_ns = entry.st_atime_ns = node.changed
        return entry

    def _info(self, inode: int) -> pyfuse3.FileInfo:
        return pyfuse3.FileInfo(fh=inode, keep_cache=True)

    async def lookup(self, parent_inode: int, name: bytes, ctx: Any) -> pyfuse3.EntryAttributes:
        inode = self.names.get(name)
        if inode is None:
            raise pyfuse3.FUSEError(errno.ENOENT)
        return self._entry(inode)

    async def getattr(self, inode: int, ctx: Any) -> pyfuse3.EntryAttributes:
        return self._entry(inode)

    async def setattr(
        self, inode: int, attr: pyfuse3.EntryAttributes, fields: Any, fh: int | None, ctx: Any
    ) -> pyfuse3.EntryAttributes:
        node = self.nodes[inode]
        if fields.update_size:
            self.resize(node, attr.st_size)
        if fields.update_mode:
            node.mode = attr.st_mode
        return self._entry(inode)

    def resize(self, node: Node, size: int) -> None:
        """Cut the file, or add zeros."""
        del node.data[size:]
        node.data.extend(bytes(size - len(node.data)))

    async def create(
        self, parent_inode: int, name: bytes, mode: int, flags: int, ctx: Any
    ) -> tuple[pyfuse3.FileInfo, pyfuse3.EntryAttributes]:
        inode = self.names[name] = self._next
        self._next += 1
        self.nodes[inode] = Node(name.decode(), mode=stat.S_IFREG | mode & 0o777)
        return self._info(inode), self._entry(inode)

    async def open(self, inode: int, flags: int, ctx: Any) -> pyfuse3.FileInfo:
        if flags & os.O_TRUNC:
            self.resize(self.nodes[inode], 0)
        return self._info(inode)

    async def opendir(self, inode: int, ctx: Any) -> int:
        return inode

    async def readdir(self, fh: int, start_id: int, token: Any) -> None:
        for inode, node in list(self.nodes.items()):
            known = self.names.get(node.name.encode()) == inode
            if (
                inode > start_id
                and known
                and not pyfuse3.readdir_reply(token, node.name.encode(), self._entry(inode), inode)
            ):
                return

    async def unlink(self, parent_inode: int, name: bytes, ctx: Any) -> None:
        self.names.pop(name)

    async def read(self, fh: int, off: int, size: int) -> bytes:
        node = self.nodes[fh]
        await self.control.request("read", node.name, off, size)
        return bytes(node.data[off : off + size])

    async def write(self, fh: int, off: int, buf: bytes) -> int:
        node = self.nodes[fh]
        await self.control.request("write", node.name, off, len(buf))
        if len(node.data) < off:
            self.resize(node, off)
        node.data[off : off + len(buf)] = buf
        node.changed = time.time_ns()
        return len(buf)

    async def flush(self, fh: int) -> None:
        """Everything is in memory already."""

    async def release(self, fh: int) -> None:
        """Files live as long as the server."""

    async def fsync(self, fh: int, datasync: bool) -> None:
        """Everything is in memory already."""

    async def statfs(self, ctx: Any) -> pyfuse3.StatvfsData:
        data = pyfuse3.StatvfsData()
        data.f_bsize = data.f_frsize = 4096
        data.f_blocks = data.f_bfree = data.f_bavail = 1 << 20
        data.f_files = data.f_ffree = data.f_favail = 1 << 20
        data.f_namemax = 255
        return data


async def _serve(control: Control, listener: trio.SocketListener) -> None:
    async with trio.open_nursery() as nursery:
        nursery.start_soon(trio.serve_listeners, control.serve, [listener])
        await pyfuse3.main(max_tasks=64)
        nursery.cancel_scope.cancel()


def main(kind: type[MemoryFs] = MemoryFs) -> None:
    """``python -m fuzzcopy.host.fuse DESCRIPTOR MOUNTPOINT SOCKET WRITEBACK``.

    The descriptor is closed once the file system can be used.
    """
    sys.die_with_parent(signal.SIGKILL)
    number, mountpoint, path, writeback = python.argv[1:]
    control = Control()
    filesystem = kind(control, writeback=writeback == "1")
    options = {*pyfuse3.default_options, "fsname=fuzzcopy"}
    options.discard("default_permissions")

    async def run() -> None:
        where = trio.socket.socket(trio.socket.AF_UNIX, trio.socket.SOCK_STREAM)
        await where.bind(path)
        where.listen(4)
        pyfuse3.init(filesystem, mountpoint, options)
        try:
            os.close(int(number))
            await _serve(control, trio.SocketListener(where))
        finally:
            pyfuse3.close(unmount=False)

    trio.run(run)


if __name__ == "__main__":
    main()
