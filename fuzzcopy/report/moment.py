"""What a film keeps beside each row of the trace."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import CodeType
from typing import NamedTuple

from fuzzcopy.report.facts import Change

Call = tuple[CodeType, int]
"""A function that is running, and the line it is at."""


class Told(NamedTuple):
    """An event that changes no fact, in words; ``noted``: the trace's own notes say it, too."""

    text: str
    noted: bool


@dataclass(slots=True)
class Moment:
    """What belongs to one row of the trace.

    ``kind`` is ``start``, ``step``, ``event``, ``wait``, ``begin`` or ``end``. ``obj`` is what a
    step touches, what is waited for, the operation that begins, or what it returns. ``stack`` are
    the path functions that were running, the innermost last.
    """

    kind: str
    obj: str
    stack: tuple[Call, ...] = ()
    changes: list[Change] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)

    @property
    def words(self) -> list[str]:
        """The events that change no fact, each once, in the order in which they first came."""
        return list(dict.fromkeys(told.text for told in self.told))


class Touch(NamedTuple):
    """Bytes of a frame or block were read or written; ``owner`` is the page that had the frame."""

    at: int
    who: str
    verb: str
    where: str
    start: int
    cells: tuple[int, ...]
    owner: str


class Translation(NamedTuple):
    """Something happened to the translation of a page.

    A TLB entry was ``filled``, ``dropped``, or ``used`` for a load or store; or its page-table
    entry was ``set`` or ``cleared``, or a flush of it ``begun`` or ``done``.
    """

    at: int
    verb: str
    who: str
    place: str
    text: str


class Count(NamedTuple):
    """``what`` a page counts (``refs``, say) is ``value`` from row ``at`` on; -1 is the beginning.

    ``page`` numbers the pages: a new one may have the name and the frame of one that is gone.
    """

    at: int
    page: int
    what: str
    value: int
