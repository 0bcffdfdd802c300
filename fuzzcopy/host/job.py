"""What an executor is asked to do, and what it saw: plain data in the host's own units."""

from __future__ import annotations

from msgspec import Struct

from fuzzcopy.scenario import Scenario


class Job(Struct, frozen=True):
    """A scenario in host units, with all the bytes that it puts into the world.

    ``disk[f]`` is what file ``f`` holds, ``cache[f]`` lists (page, bytes) that are written over it
    just before the run, so that these pages are dirty. ``anonymous`` lists (space, slot, bytes).
    ``stores[c][i]`` is what operation ``i`` of CPU ``c`` stores, empty if it is no store.
    ``settings`` are what page states the program is to be run from, one after the other.
    """

    scenario: Scenario
    disk: list[bytes]
    cache: list[list[tuple[int, bytes]]]
    anonymous: list[tuple[int, int, bytes]]
    stores: list[list[bytes]]
    settings: list[str]


class Seen(Struct, frozen=True):
    """What one run of a job showed.

    ``results[c][i]`` is what operation ``i`` of CPU ``c`` returned: a count, 0, or a negative
    errno; ``loads`` the bytes that loads loaded. ``views[f]`` lists ways to look at file ``f``
    afterwards (``read``, ``mapping``, ``evicted``) with what they showed. ``memory`` has, for each
    address space, the user pages by virtual page number, ``None`` for one that cannot be had.

    Of concurrent programs, ``reads`` has what the user's buffer held after each read, ``times``
    when each operation began and ended, in one order for all, and ``gates`` how often one was held.
    """

    setting: str
    results: list[list[int]]
    loads: list[list[bytes]]
    sizes: list[int]
    views: list[dict[str, bytes]]
    memory: list[dict[int, bytes | None]]
    established: int = 0
    missed: int = 0
    reads: list[list[bytes]] = []
    times: list[list[tuple[int, int]]] = []
    gates: int = 0
