"""What the programs of an example have in common: state that they all change or rely on.

Two operations can only get into each other's way in something that both touch. Most kinds touch
few things, so kinds drawn at random have little to do with each other. A focus is one part of the
system, with the kinds that have to do with it and the sorts of mapping through which they do.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

Sort = Literal["shared", "shared, read-only", "private", "private, read-only", "anonymous"]
"""A sort of mapping: of a file, but for the last."""

SORTS: tuple[Sort, ...] = get_args(Sort)


class Focus(NamedTuple):
    """``kinds`` of operation that meet, and ``mappings`` to meet through, the likely ones twice.

    Plain loads and stores belong to every focus. ``weight`` is how often it comes up.
    """

    kinds: tuple[str, ...]
    mappings: tuple[Sort, ...]
    weight: int = 1


FOCUSES: dict[str, Focus] = {
    "faults": Focus((), ("private", "private", "shared"), 4),
    "pages in the cache": Focus(
        ("write", "read", "truncate", "punch", "reclaim", "invalidate", "migrate", "readahead"),
        ("shared", "private", "anonymous"),
    ),
    "pages that leave the cache": Focus(
        ("write", "reclaim", "invalidate", "migrate"),
        ("anonymous", "shared"),
        4,
    ),
    "memory under a copy": Focus(
        ("write", "read", "munmap", "madvise", "mmap", "mlock", "truncate"),
        ("shared", "private", "anonymous"),
    ),
    "writeback": Focus(
        ("write", "fsync", "reclaim"),
        ("shared", "private", "anonymous"),
        5,
    ),
    "blocks": Focus(
        ("write", "fsync", "fallocate", "punch"),
        ("shared", "private", "anonymous"),
        2,
    ),
    "past the cache": Focus(
        ("directwrite", "directread", "invalidate", "write", "read"),
        ("shared",),
        5,
    ),
    "dirty bits": Focus(
        ("fsync", "munmap", "madvise", "reclaim", "msync"),
        ("shared",),
        6,
    ),
    "translations": Focus(
        ("munmap", "madvise", "mremap", "mprotect", "mmap", "migrate"),
        ("shared", "private", "anonymous"),
    ),
    "all mappings of a page": Focus(
        ("mremap", "truncate", "reclaim", "migrate"),
        ("shared", "shared", "private"),
        3,
    ),
    "copies of one's own": Focus(
        ("poke", "madvise", "continue"),
        ("private, read-only", "private, read-only", "private"),
        5,
    ),
    "pinned pages": Focus(
        ("directread", "directwrite", "fork", "madvise"),
        ("private", "anonymous", "anonymous"),
        3,
    ),
    "write protection": Focus(
        ("writeprotect", "unprotect", "fork"),
        ("private", "anonymous", "anonymous"),
        3,
    ),
    "memory given back": Focus(
        ("lazyfree", "madvise", "mprotect", "fork"),
        ("private", "anonymous"),
    ),
    "page tables": Focus(
        ("collapse", "munmap", "madvise", "mremap", "write"),
        ("shared", "shared, read-only", "private"),
        4,
    ),
    "address spaces": Focus(
        ("switchto", "idle", "munmap", "madvise", "mprotect"),
        ("shared", "private", "anonymous"),
        3,
    ),
    "the pipe": Focus(
        ("pipewrite", "piperead", "splice", "write"),
        ("shared", "private", "anonymous"),
    ),
}
"""Every kind but plain loads and stores is in one of them at least."""

EVERYTHING: tuple[Sort, ...] = (
    *(("shared", "private") * 4),
    *("shared, read-only", "private, read-only"),
    *("anonymous",) * 3,
)
"""How often each sort of mapping comes up where there is no focus."""
