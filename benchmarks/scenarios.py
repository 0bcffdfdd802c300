"""The fixed scenarios that the reference kernel is timed on: 3 CPUs, no hazards.

Each passes about 200 preemption points. They stay as they are, so that figures of different days
compare: unaligned and vectored user buffers, sources that map the very file that is written, pages
that must be read in first; truncation, reclaim, invalidation and fsync while others copy.
"""

from __future__ import annotations

from fuzzcopy.scenario import (
    CpuSpec,
    FileSpec,
    Fsync,
    Invalidate,
    Load,
    MappingSpec,
    Mmap,
    Read,
    Reclaim,
    Scenario,
    Segment,
    SpaceSpec,
    Store,
    Truncate,
    Write,
)

WARM = Scenario(
    cpus=(
        CpuSpec((Write(0, 0, (Segment(1, 8, 16),)), Fsync(0))),
        CpuSpec((Read(0, 16, (Segment(0, 4, 24),)), Truncate(0, 24))),
        CpuSpec((Store(1, 20, 16), Reclaim(0, 1), Load(1, 0, 8))),
    ),
    files=(FileSpec(48, ("clean", "absent", "dirty")),),
    spaces=(SpaceSpec((MappingSpec(0, 3), MappingSpec(1, 3, 0, shared=True))),),
)
"""Most of the file is cached and mapped: a write from the file itself, beside a truncation."""

COLD = Scenario(
    cpus=(
        CpuSpec((Write(0, 4, (Segment(0, 10, 8),)), Load(1, 0, 8))),
        CpuSpec((Read(0, 8, (Segment(0, 30, 12),)), Reclaim(0, 0), Store(1, 36, 4))),
        CpuSpec((Write(0, 16, (Segment(1, 0, 16),)), Invalidate(0))),
    ),
    files=(FileSpec(40),),
    spaces=(
        SpaceSpec(
            (
                MappingSpec(0, 3, present=False),
                MappingSpec(1, 3, 0, shared=True, present=False),
            )
        ),
    ),
)
"""Nothing is cached and nothing mapped yet: faults, reads from the disk, reclaim behind them."""

VECTORED = Scenario(
    cpus=(
        CpuSpec(
            (
                Write(0, 10, (Segment(0, 12, 8), Segment(1, 0, 0), Segment(1, 14, 8))),
                Fsync(0),
            )
        ),
        CpuSpec(
            (
                Mmap(2, 1, 0, 1, shared=False, writable=True, populate=True),
                Store(2, 6, 4),
                Write(1, 12, (Segment(2, 2, 8),)),
                Fsync(1),
            ),
            1,
        ),
        CpuSpec(
            (
                Read(1, 0, (Segment(0, 40, 8), Segment(0, 1, 4))),
                Truncate(1, 5),
                Load(0, 14, 6),
            )
        ),
    ),
    files=(FileSpec(32, ("clean", "clean")), FileSpec(16, ("stale",))),
    spaces=(
        SpaceSpec((MappingSpec(0, 3), MappingSpec(1, 2, 0, shared=True))),
        SpaceSpec((MappingSpec(2, 1),)),
    ),
)
"""Vectored buffers, two files, two address spaces: the CPUs meet less often."""

ALL = {"warm": WARM, "cold": COLD, "vectored": VECTORED}
