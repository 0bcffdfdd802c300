"""What the kernel does to pages by itself, drawn."""

from __future__ import annotations

from fuzzcopy.scenario import Invalidate, Migrate, Operation, Reclaim
from fuzzcopy.strategies.surroundings import Draw, Maker, Surroundings


def reclaim(draw: Draw, at: Surroundings) -> Operation:
    file = at.file(draw)
    return Reclaim(file, at.page(draw, file))


def migrate(draw: Draw, at: Surroundings) -> Operation:
    file = at.file(draw)
    return Migrate(file, at.page(draw, file))


def invalidate(draw: Draw, at: Surroundings) -> Operation:
    return Invalidate(at.file(draw))


MAKERS: dict[str, Maker] = {
    "reclaim": reclaim,
    "migrate": migrate,
    "invalidate": invalidate,
}
