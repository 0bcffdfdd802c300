"""What operations are made of."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

Small = Annotated[int, Meta(ge=0, le=15)]
"""A number of a file, a slot, a page."""

Size = Annotated[int, Meta(ge=0, le=1 << 17)]
"""A number of bytes."""

Pages = Annotated[int, Meta(ge=1, le=16)]


class Base(Struct, frozen=True, forbid_unknown_fields=True, tag_field="op", tag=str.lower):
    """One operation. ``str()`` is how a reader would write it: ``write(f0, 16, [m0+8:16])``."""


class Segment(Struct, frozen=True, forbid_unknown_fields=True, array_like=True):
    """``length`` bytes of user memory at ``offset`` into mapping ``slot``."""

    slot: Small
    offset: Size
    length: Size

    def __str__(self) -> str:
        return f"m{self.slot}+{self.offset}:{self.length}"


def shown(buffer: tuple[Segment, ...]) -> str:
    """A user buffer as a reader would write it: ``[m0+8:16, m1+0:4]``."""
    return f"[{', '.join(map(str, buffer))}]"
