"""The provenance of a byte, and the life of a frame."""

from __future__ import annotations

from collections.abc import Iterator

from fuzzcopy.machine.provenance import GARBAGE
from fuzzcopy.oracles.evidence import BadByte, BadFrame
from fuzzcopy.report.explain.places import when
from fuzzcopy.report.film import Film
from fuzzcopy.report.moment import Touch

MOST = 6
"""Lines of a story: the last ones."""


def life_of_byte(film: Film, evidence: BadByte, most: int = MOST) -> list[str]:
    """What was there before, and all that happened at its place in the page cache."""
    page = evidence.page or _owner(film, evidence.frame)
    lines = [f"{evidence.where} is {_came_from(film, evidence.got)}"]
    if evidence.wanted:
        lines[0] += f"; wanted: {film.origins.describe(evidence.wanted[0])}"
    if page:
        story = _story(film, page, evidence.offset)
        story = story[-most:]
        lines += [f"  {text}" for text in story]
    return lines


def life_of_frame(film: Film, evidence: BadFrame) -> list[str]:
    """Who had the frame, until when, and who used it afterwards."""
    lines = []
    for at, moment in enumerate(film.moments):
        for (kind, name), old, new in moment.changes:
            if kind == "frame" and name == evidence.frame:
                if new is None:
                    lines.append(f"{name} was {_page(str(old))} until freed ({when(film, at)})")
                elif new != "just allocated":
                    lines.append(f"{name} is {_page(str(new))} from step {at} on")
    if film.touches:
        last = film.touches[-1]
        lines.append(f"{last.who} {last.verb} {last.where} ({when(film, last.at)})")
    return lines[-MOST:]


def _came_from(film: Film, cell: int) -> str:
    """What a byte is; of garbage, what it was in the previous life of its frame."""
    if not cell & GARBAGE:
        return film.origins.describe(cell)
    for at in range(len(film.moments) - 1, -1, -1):
        for (kind, name), old, new in film.moments[at].changes:
            if kind != "bytes" or new is not None or not isinstance(old, tuple):
                continue
            if cell & ~GARBAGE in (known & ~GARBAGE for known in old):
                was = _page(_owner(film, name, at))
                what = film.origins.describe(cell & ~GARBAGE)
                return f"what {name} held as {was} until step {at}: {what}"
    return "what its frame held at boot"


def _owner(film: Film, frame: str, until: int | None = None) -> str:
    """The page that had ``frame`` last, before row ``until``."""
    owner = str(film.initial.get(("frame", frame), ""))
    for moment in film.moments[:until]:
        for key, _, new in moment.changes:
            if key == ("frame", frame) and new not in (None, "just allocated"):
                owner = str(new)
    return owner


def _story(film: Film, page: str, offset: int) -> list[str]:
    """Everything that bears on byte ``offset`` of the page at ``page``, in order."""
    touches: dict[int, list[Touch]] = {}
    for touch in film.touches:
        if touch.owner == page or touch.where == f"block {page}":
            touches.setdefault(touch.at, []).append(touch)
    lines = []
    frame = str(film.initial.get(("page", page), "")).split(" ")[0]
    for at, moment in enumerate(film.moments):
        for key, old, new in moment.changes:
            if key == ("page", page):
                lines += [f"{text} ({when(film, at)})" for text in _flags(old, new)]
                frame = str(new or "").split(" ")[0]
        for touch in touches.get(at, ()):
            text = _touched(film, touch, offset, frame)
            if text:
                lines.append(f"{text} ({when(film, at)})")
    return lines


def _flags(old: object, new: object) -> Iterator[str]:
    was, now = str(old or "").split(), str(new or "").split()
    if not now:
        yield f"the page, {was[0]}, leaves the cache"
    elif not was:
        yield f"the page is in the cache, at {now[0]}"
    elif was[0] != now[0]:
        yield f"the page moves from {was[0]} to {now[0]}"
    for flag in ("uptodate", "dirty"):
        if (flag in was) is not (flag in now) and now:
            yield f"the page is {'' if flag in now else 'no longer '}{flag}"


def _touched(film: Film, touch: Touch, offset: int, frame: str) -> str:
    if touch.verb == "freed":
        return f"{touch.who} frees the block"
    at = offset - touch.start
    if not 0 <= at < len(touch.cells):
        return ""
    cell = film.origins.describe(touch.cells[at])
    if touch.where.startswith("block"):
        return f"the disk gets {cell}" if touch.verb == "wrote" else ""
    gone = "" if touch.where == frame else ", which is no longer in the cache"
    verb = "puts into" if touch.verb == "wrote" else "finds in"
    return f"{touch.who} {verb} {touch.where}{gone}: {cell}"


def _page(name: str) -> str:
    """``page 1 of f0`` for ``f0:1``; other pages have names that say it."""
    file, colon, index = name.partition(":")
    return f"page {index} of {file}" if colon and " " not in name else name
