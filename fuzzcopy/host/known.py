"""The table of known differences."""

from __future__ import annotations

import errno
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct


@dataclass(frozen=True, slots=True)
class Case:
    """What an operation of the given kind did on ``fs``, in the host's units.

    ``asked`` are the bytes of its buffer, ``past_end`` whether it begins past the end of its file,
    ``from_itself`` whether that file is mapped, so that its buffer may show it.
    """

    fs: str
    operation: str
    expected: int
    seen: int
    asked: int
    past_end: bool
    from_itself: bool


class Row(Struct, frozen=True, forbid_unknown_fields=True):
    """One known difference; the file itself says what its fields mean."""

    fs: list[str]
    operation: str
    expected: str
    seen: str
    where: Literal["", "past the end", "from itself"]
    reason: Annotated[str, Meta(min_length=20)]

    def fits(self, case: Case) -> bool:
        """Whether ``case`` is one of these."""
        return (
            self.operation == case.operation
            and (self.fs == ["*"] or case.fs in self.fs)
            and _means(self.expected, case.expected, case.asked)
            and self._shows(case)
            and self._is_there(case)
        )

    def _is_there(self, case: Case) -> bool:
        match self.where:
            case "past the end":
                return case.past_end
            case "from itself":
                return case.from_itself
        return True

    def _shows(self, case: Case) -> bool:
        if self.seen == "less":
            return 0 <= case.seen < case.expected or (
                case.expected > 0 and case.seen == -errno.EFAULT
            )
        return _means(self.seen, case.seen, case.asked)


class _Table(Struct, frozen=True, forbid_unknown_fields=True):
    row: list[Row]


@cache
def table() -> list[Row]:
    """All known differences."""
    data = files("fuzzcopy.host").joinpath("known.toml").read_bytes()
    return msgspec.toml.decode(data, type=_Table).row


def row_for(case: Case) -> Row | None:
    """The known difference that ``case`` is."""
    return next((row for row in table() if row.fits(case)), None)


def _means(word: str, result: int, asked: int) -> bool:
    if word == "any":
        return True
    if word == "short":
        return 0 <= result < asked
    if word.startswith("-"):
        return result == -int(getattr(errno, word[1:]))
    return result == int(word)
