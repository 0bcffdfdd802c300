"""Whole scenarios."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st
from msgspec import UNSET

from fuzzcopy.scenario import (
    Actors,
    CpuSpec,
    FaultPlan,
    FileSpec,
    MachineSpec,
    MappingSpec,
    PipeSpec,
    Scenario,
    SpaceSpec,
)
from fuzzcopy.scenario.scenario import ExtentState, IoKind, PageState
from fuzzcopy.strategies.focus import Sort
from fuzzcopy.strategies.orders import lock_orders
from fuzzcopy.strategies.programs import COPYING, KINDS, dealt_programs
from fuzzcopy.strategies.surroundings import Surroundings
from fuzzcopy.strategies.theme import theme_of, themes

_STATES: tuple[tuple[PageState, ExtentState], ...] = (
    ("absent", "written"),
    ("clean", "written"),
    ("dirty", "written"),
    ("stale", "written"),
    ("clean", "written"),
    ("absent", "unwritten"),
    ("dirty", "unwritten"),
    ("dirty", "unwritten"),
)
"""A page in the cache, and on the disk. What is dirty was often never written before.

Most pages are cached: what begins with a wait for the disk is longer, and fails no more often.
"""


@st.composite
def fault_plans(
    draw: st.DrawFn,
    *,
    hazards: bool = True,
    spaces: Sequence[SpaceSpec] = (),
    page_size: int = 16,
    chunk: int = 8,
    files: Sequence[int] = (),
) -> FaultPlan:
    """What may go wrong by itself; nothing at all in half of the cases.

    ``files`` has the sizes in pages of those whose I/O may fail.
    """
    which = draw(st.integers(0, 9)) if hazards else 0
    if which < 5:
        return FaultPlan()
    if which == 9 and files:
        return FaultPlan(errors=tuple(draw(st.lists(_errors(files), min_size=1, max_size=2))))
    if which < 8 or not spaces:
        budget = draw(st.integers(1, 2))
        return FaultPlan(evictions=budget) if which == 5 else FaultPlan(fills=budget)
    space = draw(st.integers(0, len(spaces) - 1))
    mappings = spaces[space].mappings
    mapping = mappings[draw(st.integers(0, len(mappings) - 1))]
    at = draw(st.integers(0, mapping.pages * page_size // chunk - 1)) * chunk
    return FaultPlan(poison=((space, mapping.slot, at),))


@st.composite
def _errors(draw: st.DrawFn, files: Sequence[int]) -> tuple[IoKind, int, int]:
    """An I/O that fails: a write most of the time, as one that is lost is lost for good."""
    file = draw(st.integers(0, len(files) - 1))
    kind: IoKind = "write" if draw(st.integers(0, 2)) else "read"
    return kind, file, draw(st.integers(0, files[file] - 1))


_ACTORS = (
    *[Actors()] * 19,
    *[Actors(flusher=1)] * 3,
    *[Actors(kswapd=1)] * 3,
    *[Actors(flusher=1, kswapd=1)] * 4,
    Actors(flusher=2, kswapd=2),
)
"""What kernel threads there are beside the programs: none, most of the time."""

_BUSY = (
    *[Actors()] * 10,
    *[Actors(flusher=1)] * 3,
    *[Actors(kswapd=1)] * 3,
    *[Actors(flusher=1, kswapd=1)] * 14,
)
"""The same beside copies into pages that are written back or taken out of the cache: often both."""

_TIGHT = 3
"""And so many more shares of the examples have hardly more frames than they need."""


@st.composite
def scenarios(
    draw: st.DrawFn,
    *,
    cpus: int = 3,
    pages: int = 3,
    operations: int = 3,
    hazards: bool = True,
    kinds: Sequence[str] = KINDS,
    page_size: int = 16,
    chunk: int = 8,
    orders: bool = False,
    like: Scenario | None = None,
) -> Scenario:
    """A scenario of up to ``cpus`` CPUs with up to ``operations`` operations each.

    Files have up to ``pages`` pages of ``page_size`` bytes. Most examples have a theme: some
    of ``kinds`` that have to do with each other, in a small world that shows them what they need.
    Without ``hazards`` nothing happens that no program does: no fault plan, no actors, plenty of
    memory. Its schedule is the default one; see :func:`schedules` for others to run it under.

    With ``orders`` a path of the kernel may take its locks in another order than the documented
    one (:func:`lock_orders`). Not unless asked for: most of these orders hang with those of the
    other paths, whatever the kernel, and so no failure would say anything about the kernel.

    With ``like`` the theme is what that scenario is about, and the same actors run beside it; all
    else is drawn afresh.
    """
    theme = draw(themes(kinds)) if like is None else theme_of(like)
    if theme.narrow and cpus > 1:
        # What has to do with each other should meet: seldom on one CPU.
        pick = draw(st.integers(0, 7))
        width = 2 + pick % (cpus - 1) if pick < 7 else 1
        if not theme.dealt and pick & 3:
            width = cpus  # plain accesses alone are over soon
    else:
        width = draw(st.integers(1, cpus))
    narrow = draw(st.integers(0, 3)) < 3 if theme.narrow else draw(st.booleans())
    sizes = [1 if narrow else draw(st.integers(1, pages))]
    if not narrow and draw(st.booleans()):
        sizes.append(draw(st.integers(1, pages)))
    files = tuple(draw(_files(size, page_size)) for size in sizes)
    most = 1 if narrow else 3
    sorts = theme.mappings
    copying = {*theme.kinds} & {*COPYING}
    # A copy that does not fault leaves little time for anything to happen in.
    mapped = 2 if copying else 3
    spaces = [draw(_spaces(sizes, most, sorts, mapped))]
    if narrow and theme.narrow and (copying or draw(st.integers(0, 3)) == 3):
        # Something else to copy from or to.
        spare = draw(_mappings(1, sizes, ("anonymous", "anonymous", theme.mappings[0]), 2))
        spaces = [SpaceSpec((*spaces[0].mappings, spare))]
    apart = True
    # Where little else is done than to move between address spaces there should be two of them.
    single = 0 if "switchto" in theme.kinds and len(theme.kinds) < 8 else 2
    if "fork" in theme.kinds and (theme.narrow or draw(st.booleans())):
        # A fork will map there what is mapped in the first one: the CPUs are threads of that.
        spaces.append(SpaceSpec())
        apart = draw(st.integers(0, 3)) == 3
    elif width > 1 and draw(st.integers(0, 3)) > single:
        spaces.append(draw(_spaces(sizes, most, sorts, mapped)))
    homes = [cpu % len(spaces) if apart else 0 for cpu in range(width)]
    slots = [
        [(m.slot, m.pages) for m in (space.mappings or spaces[0].mappings)] for space in spaces
    ]
    programs_of = draw(
        dealt_programs(
            surroundings=[Surroundings(sizes, slots, home, page_size) for home in homes],
            operations=operations,
            theme=theme,
        )
    )
    # Half of the CPUs come from other work in the same address space.
    present = any(m.present for space in spaces for m in space.mappings)
    warm = draw(st.integers(0, (1 << width) - 1)) if present else 0
    ring = draw(st.integers(1, 2)) if {"piperead", "splice"} & {*theme.kinds} else 0
    pipe = PipeSpec(ring, draw(st.integers(0, ring))) if ring else PipeSpec()
    busy = theme.narrow and copying and {"fsync", "reclaim"} & {*theme.dealt}
    actors = _BUSY if busy else _ACTORS
    beside = draw(st.integers(0, len(actors) + _TIGHT - 1)) if hazards else 0
    frames = _frames(sizes, spaces, width)
    if beside >= len(actors):
        frames = max(_few_frames(files, spaces, width), 1) + pipe.filled
    return Scenario(
        cpus=tuple(
            CpuSpec(program, home, bool(warm >> cpu & 1))
            for cpu, (program, home) in enumerate(zip(programs_of, homes, strict=True))
        ),
        files=files,
        spaces=tuple(spaces),
        pipe=pipe,
        machine=MachineSpec(page_size=page_size, chunk=chunk, frames=frames),
        actors=actors[beside % len(actors)] if like is None else like.actors,
        faults=draw(
            fault_plans(
                hazards=hazards,
                spaces=[space for space in spaces if space.mappings],
                page_size=page_size,
                chunk=chunk,
                files=sizes,
            )
        ),
        orders=(draw(lock_orders()) or UNSET) if orders else UNSET,
    )


def _frames(sizes: Sequence[int], spaces: Sequence[SpaceSpec], cpus: int) -> int:
    """Enough for every page there can be, so that memory is never what goes wrong."""
    mapped = sum(m.pages for space in spaces for m in (space.mappings or spaces[0].mappings))
    return 2 * (sum(sizes) + 3 * len(sizes)) + 2 * mapped + 2 * cpus


def _few_frames(files: Sequence[FileSpec], spaces: Sequence[SpaceSpec], cpus: int) -> int:
    """What is in use at the start, what cannot be given back, and what each CPU needs at once."""
    cached = sum(state != "absent" for file in files for state in file.pages)
    private = sum(m.pages for space in spaces for m in space.mappings if not m.shared)
    return cached + private + cpus - 1


@st.composite
def _files(draw: st.DrawFn, pages: int, page_size: int) -> FileSpec:
    tail = draw(st.sampled_from([*[page_size] * 6, page_size // 2, 1]))
    packed = draw(st.integers(0, 8**pages - 1))
    states = [_STATES[packed >> 3 * page & 7] for page in range(pages)]
    extents = tuple(extent for _, extent in states)
    return FileSpec(
        (pages - 1) * page_size + tail,
        tuple(cached for cached, _ in states),
        extents if "unwritten" in extents else (),
    )


@st.composite
def _spaces(
    draw: st.DrawFn, sizes: Sequence[int], most: int, sorts: Sequence[Sort], mapped: int
) -> SpaceSpec:
    count = draw(st.integers(1, most))
    return SpaceSpec(tuple([draw(_mappings(slot, sizes, sorts, mapped)) for slot in range(count)]))


@st.composite
def _mappings(
    draw: st.DrawFn, slot: int, sizes: Sequence[int], sorts: Sequence[Sort], mapped: int
) -> MappingSpec:
    """A mapping; ``mapped`` of four have what is cached already mapped."""
    file = draw(st.integers(0, 2 * len(sizes) - 1)) // 2
    flags = draw(st.integers(0, 4 * len(sorts) - 1))
    present = flags & 3 > 3 - mapped
    sort = sorts[flags >> 2]
    if sort == "anonymous":
        return MappingSpec(slot, 2 if sizes[0] > 1 else 1, None, present=present)
    return MappingSpec(
        slot,
        sizes[file],
        file,
        shared=sort.startswith("shared"),
        writable="read-only" not in sort,
        present=present,
    )
