"""Every scenario that a regression file can hold, likely or not.

The strategies of fuzzcopy draw what is worth searching; this draws what is valid.
"""

from hypothesis import strategies as st

from fuzzcopy import Scenario
from fuzzcopy.scenario import (
    Actors,
    Collapse,
    Continue,
    CpuSpec,
    DirectRead,
    DirectWrite,
    Fallocate,
    FaultPlan,
    FileSpec,
    Fork,
    Fsync,
    Idle,
    Invalidate,
    Lazyfree,
    Load,
    MachineSpec,
    Madvise,
    MappingSpec,
    Migrate,
    Mlock,
    Mmap,
    Mprotect,
    Mremap,
    Msync,
    Munmap,
    Operation,
    PipeRead,
    PipeSpec,
    PipeWrite,
    Poke,
    Punch,
    Read,
    Readahead,
    Reclaim,
    Segment,
    SpaceSpec,
    Splice,
    Store,
    SwitchTo,
    Truncate,
    Unprotect,
    Write,
    WriteProtect,
)
from fuzzcopy.scenario.scenario import IoKind

STATES = ("absent", "clean", "dirty", "stale")
EXTENTS = ("written", "unwritten", "hole")

small = st.integers(0, 15)
slots = st.integers(0, 4)
pages = st.integers(1, 5)
flags = st.booleans()


def _operations(files: int, spaces: int, page_size: int) -> st.SearchStrategy[Operation]:
    sizes = st.integers(0, 4 * page_size)
    kinds: list[st.SearchStrategy[Operation]] = [
        st.builds(Load, slots, sizes, sizes),
        st.builds(Store, slots, sizes, sizes),
        st.builds(Munmap, slots, small, pages),
        st.builds(Madvise, slots, small, pages),
        st.builds(Lazyfree, slots, small, pages),
        st.builds(Mprotect, slots, small, pages, flags),
        st.builds(Mremap, slots, pages, slots),
        st.builds(Mlock, slots, pages),
        st.builds(Msync, slots, small, pages),
        st.builds(WriteProtect, slots, small, pages),
        st.builds(Unprotect, slots, small, pages),
        st.builds(Collapse, slots),
        st.builds(SwitchTo, st.integers(0, spaces - 1)),
        st.just(Idle()),
        st.builds(Fork, st.integers(0, spaces - 1)),
        st.builds(Poke, slots, sizes, sizes),
        st.builds(Continue, slots, small, pages),
        st.builds(Mmap, slots, _file(files), small, pages, flags, flags, flags),
    ]
    if files:
        file = st.integers(0, files - 1)
        segment = st.builds(Segment, slots, sizes, st.integers(0, 3 * page_size))
        buffer = st.lists(segment, max_size=4).map(tuple)
        kinds += [
            st.builds(Write, file, sizes, buffer),
            st.builds(Read, file, sizes, buffer),
            st.builds(DirectRead, file, small, slots, small, pages),
            st.builds(DirectWrite, file, small, slots, small, pages),
            st.builds(PipeWrite, buffer),
            st.builds(PipeRead, buffer),
            st.builds(Splice, file, sizes, sizes),
            st.builds(Readahead, file, small, pages),
            st.builds(Truncate, file, sizes),
            st.builds(Punch, file, small, pages),
            st.builds(Migrate, file, small),
            st.builds(Reclaim, file, small),
            st.builds(Invalidate, file),
            st.builds(Fsync, file),
            st.builds(Fallocate, file, small, pages),
        ]
    return st.one_of(kinds)


def _file(files: int) -> st.SearchStrategy[int | None]:
    return st.none() | st.integers(0, files - 1) if files else st.none()


@st.composite
def _files(draw: st.DrawFn, page_size: int) -> FileSpec:
    size = draw(st.integers(0, 4 * page_size))
    pages = -(-size // page_size)
    states = st.lists(st.sampled_from(STATES), max_size=pages)
    extents = st.lists(st.sampled_from(EXTENTS), max_size=pages)
    return FileSpec(size, tuple(draw(states)), tuple(draw(extents)))


@st.composite
def _spaces(draw: st.DrawFn, files: int) -> SpaceSpec:
    taken = draw(st.lists(slots, unique=True, max_size=3))
    mapping = st.tuples(pages, _file(files), small, flags, flags, flags)
    return SpaceSpec(tuple(MappingSpec(slot, *draw(mapping)) for slot in taken))


@st.composite
def valid_scenarios(draw: st.DrawFn, *, spare_frames: int) -> Scenario:
    """Any valid scenario with ``spare_frames`` more frames than are in use at the start."""
    page_size = 1 << draw(st.integers(2, 7))
    files = tuple(draw(st.lists(_files(page_size), max_size=3)))
    spaces = tuple(draw(st.lists(_spaces(len(files)), min_size=1, max_size=3)))
    programs = st.lists(_operations(len(files), len(spaces), page_size), max_size=4).map(tuple)
    cpu = st.builds(CpuSpec, programs, st.integers(0, len(spaces) - 1))
    pipe = PipeSpec(draw(st.integers(1, 3)), draw(st.integers(0, 1)))
    used = (
        pipe.filled
        + sum(state != "absent" for file in files for state in file.pages)
        + sum(m.pages for space in spaces for m in space.mappings if m.file is None and m.present)
    )
    poison = st.tuples(st.integers(0, len(spaces) - 1), slots, st.integers(0, 4 * page_size))
    budget = st.integers(0, 2)
    errors: st.SearchStrategy[tuple[IoKind, int, int]] = st.nothing()
    if files:
        file = st.integers(0, len(files) - 1)
        errors = st.tuples(st.sampled_from(["read", "write"]), file, st.integers(0, 5))  # type: ignore[arg-type]
    return Scenario(
        cpus=tuple(draw(st.lists(cpu, min_size=1, max_size=3))),
        files=files,
        spaces=spaces,
        pipe=pipe,
        machine=MachineSpec(
            page_size, 1 << draw(st.integers(0, 7)), min(max(used, 1) + spare_frames, 256)
        ),
        actors=draw(st.builds(Actors, budget, budget)),
        faults=draw(
            st.builds(
                FaultPlan,
                budget,
                budget,
                st.lists(poison, max_size=2).map(tuple),
                st.lists(errors, max_size=3 if files else 0).map(tuple),
            )
        ),
    )
