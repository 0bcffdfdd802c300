"""What a judge has in its hands when it fails a run: names and bytes to look up in the trace."""

from __future__ import annotations

from typing import NamedTuple


class StaleEntry(NamedTuple):
    """The TLB entry of ``cpu`` (its name) for virtual page ``vpn`` of the page table ``table``."""

    cpu: str
    table: str
    vpn: int


class BadByte(NamedTuple):
    """A cell that is where it should not be.

    ``where`` names the byte in words. It is byte ``offset`` of ``page`` (its name), or, if that is
    empty, of ``frame``. ``wanted`` are cells that could have been there instead.
    """

    where: str
    got: int
    offset: int
    page: str = ""
    frame: str = ""
    wanted: tuple[int, ...] = ()


class BadFrame(NamedTuple):
    """The frame (by its name) that was used although it is free."""

    frame: str


class BadCount(NamedTuple):
    """A count that does not add up at the end: ``what`` of the page in ``frame`` (its name).

    That is ``refs``, ``mapcount``, ``pins`` or ``snapshots`` (:class:`~fuzzcopy.kernel.Page`).
    """

    frame: str
    what: str


class HeldLock(NamedTuple):
    """The lock (by its description) that nobody has given back."""

    lock: str
