"""After the copy was made, write permission is no longer asked for."""

from __future__ import annotations

from fuzzcopy.bugs.bug import Bug
from fuzzcopy.kernel import Pin, Vma


class TrustingPin(Pin):
    """Once a fault has broken copy-on-write, looks the page up as if for reading.

    The entry of a read-only mapping never gets writable: asking for that would never end.
    """

    def asked_after_fault(self, vma: Vma, asked: bool) -> bool:
        return asked and vma.writable


class DirtyCow(Bug):
    """A forced write asks for write permission until its copy is made, and then no more.

    ``get_user_pages`` faults, gets a private copy, and drops ``FOLL_WRITE`` for the next look,
    as the copy in a read-only mapping stays read-only. If ``madvise(MADV_DONTNEED)`` throws the
    copy away in between, the look finds nothing, the fault brings in the page of the file for
    reading, and that is what gets written: any file that can be read can be written.
    CVE-2016-5195, found in use by Phil Oester after nine years.
    """

    name = "dirty-cow"
    year = 2016
    verdicts = ("wrong privilege",)
    fixed_by = '19be0eaffa3a "mm: remove gup_flags FOLL_WRITE games from __get_user_pages()" (4.9)'
    smallest = (2, 2, 1)
    pin_path = TrustingPin
