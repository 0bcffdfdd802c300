"""A dirty entry is taken for proof of a copy."""

from __future__ import annotations

from fuzzcopy.bugs.bug import Bug
from fuzzcopy.kernel import Pin, Vma
from fuzzcopy.machine import Entry


class DirtyMeansCopied(Pin):
    """Lets a forced write through if it has faulted before and finds a dirty entry.

    That was the mend for Dirty COW: only a copy made for writing had a dirty entry in a
    read-only mapping.
    """

    def may_write(self, vma: Vma, entry: Entry, faulted: bool) -> bool:
        return entry.writable or (not vma.writable and faulted and entry.dirty)


class ShmemDirtyCow(Bug):
    """Dirty, so it has been copied: for an entry of a read-only mapping that stops being true.

    The mend for Dirty COW took a dirty entry as the sign that copy-on-write had been broken.
    Then ``UFFDIO_CONTINUE`` began to map pages of shared memory with the dirty bit set, into
    read-only private mappings, too. Throw the copy away, map the page of the file with it
    before the forced write looks again, and it writes to the file. CVE-2022-2590, found by David
    Hildenbrand.
    """

    name = "shmem-dirty-cow"
    year = 2022
    verdicts = ("wrong privilege",)
    fixed_by = '5535be309971 "mm/gup: fix FOLL_FORCE COW security issue and remove FOLL_COW" (6.0)'
    smallest = (2, 3, 1)
    pin_path = DirtyMeansCopied
