"""One or two operations of every kind that takes a lock, to be aimed at whatever there is."""

from __future__ import annotations

from collections.abc import Sequence

from fuzzcopy.scenario import (
    Collapse,
    Continue,
    DirectRead,
    DirectWrite,
    Fallocate,
    Fork,
    Fsync,
    Invalidate,
    Load,
    Madvise,
    Migrate,
    Mlock,
    Mmap,
    Mprotect,
    Mremap,
    Munmap,
    Operation,
    PipeRead,
    PipeWrite,
    Poke,
    Punch,
    Read,
    Reclaim,
    Segment,
    Splice,
    Store,
    Truncate,
    Unprotect,
    Write,
    WriteProtect,
)


def samples(page_size: int) -> Sequence[Operation]:
    """Of one page each; those that begin or end within it do so in its middle."""
    half = page_size // 2
    whole = (Segment(0, 0, page_size),)
    return (
        Write(0, 0, whole),
        Write(0, half, (Segment(0, 0, half),)),
        Read(0, 0, whole),
        Load(0, 0, 1),
        Store(0, 0, 1),
        Truncate(0, 0),
        Truncate(0, half),
        Punch(0, 0, 1),
        Fsync(0),
        Reclaim(0, 0),
        Invalidate(0),
        Migrate(0, 0),
        DirectRead(0, 0, 0, 0, 1),
        DirectWrite(0, 0, 0, 0, 1),
        Fallocate(0, 0, 1),
        Mmap(0, 0, 0, 1, shared=True, writable=True, populate=True),
        Munmap(0, 0, 1),
        Madvise(0, 0, 1),
        Mprotect(0, 0, 1, writable=False),
        Mremap(0, 1, 1),
        Mlock(0, 1),
        Collapse(0),
        Fork(1),
        Poke(0, 0, 1),
        Continue(0, 0, 1),
        WriteProtect(0, 0, 1),
        Unprotect(0, 0, 1),
        PipeWrite(whole),
        PipeRead(whole),
        Splice(0, 0, page_size),
    )
