"""A FUSE server with one planted fault, named by the environment."""

import os

from fuzzcopy.host.fuse import MemoryFs, main
from fuzzcopy.host.worker import LEFT_OVER


class ShortTakenForFull(MemoryFs):
    """Stores half of a write and acknowledges all of it."""

    async def write(self, fh, off, buf):
        await super().write(fh, off, buf[: len(buf) // 2])
        return len(buf)


class StaleAfterTruncate(MemoryFs):
    """What was cut off is there again when the file grows."""

    def __init__(self, *arguments, **words):
        super().__init__(*arguments, **words)
        self.cut = {}

    def resize(self, node, size):
        old = len(node.data)
        if size < old and node.data:
            self.cut[node.name, size] = bytes(node.data[size:])
        gone = self.cut.get((node.name, old), b"") if size > old else b""
        super().resize(node, size)
        node.data[old : old + len(gone)] = gone[: size - old]


class ExposedBeforeFilled(MemoryFs):
    """A page without data is answered with whatever was there."""

    async def read(self, fh, off, size):
        data = await super().read(fh, off, size)
        return data if any(data) or len(data) < 64 else (LEFT_OVER * len(data))[: len(data)]


class LostAfterFsync(MemoryFs):
    """fsync says yes, and the last page is gone."""

    async def fsync(self, fh, datasync):
        if not datasync:
            data = self.nodes[fh].data
            tail = len(data) % 4096 or 4096
            data[-tail:] = bytes(min(tail, len(data)))


if __name__ == "__main__":
    main(globals()[os.environ["FAULTY_FUSE"]])
