"""The gutter of a timeline: one character per lock, so that holding it is a bar."""

from __future__ import annotations

from collections.abc import Sequence
from string import ascii_letters, digits

from fuzzcopy.report.film import Film
from fuzzcopy.report.fold import Line

MOST = 8
"""No more locks than this get a place of their own."""


class Gutter:
    """Which locks have a place, what they are called there, and who holds each at each line."""

    def __init__(self, film: Film, lines: Sequence[Line], names: Sequence[str]) -> None:
        self._marks: dict[str, str] = {name: _mark_of(name) for name in names}
        held = [n for line in lines for n, holder in line.locks.items() if holder]
        held = list(dict.fromkeys(held))
        if len(held) > MOST:
            # Those that somebody waits for, and those that several tasks take, come first.
            fought = _fought_over(film)
            held = [n for n in held if n in fought] + [n for n in held if n not in fought]
        self.letters: dict[str, str] = {}
        for name in held[:MOST]:
            self.letters[name] = self._letter(name)

    @property
    def header(self) -> str:
        """A letter per lock."""
        return "".join(self.letters.values())

    @property
    def legend(self) -> str:
        """What the letters stand for."""
        named = ", ".join(
            f"{letter}={name.replace(' lock', '')}" for name, letter in self.letters.items()
        )
        return f"locks: {named}" if named else ""

    def row(self, line: Line) -> str:
        """The holder of each lock at the end of ``line``: a CPU's number, ``*`` the hardware's."""
        return "".join(self._holder(line.locks.get(name, "")) for name in self.letters)

    def _holder(self, holders: str) -> str:
        tasks: list[str] = [word for word in holders.split() if word in self._marks]
        if not holders:
            return "."
        if not tasks:
            return "*"
        if len(tasks) > 1:
            return "&"
        mark: str = self._marks[tasks[0]]
        return mark

    def _letter(self, name: str) -> str:
        used = set(self.letters.values())
        wishes: str = name + name.upper() + ascii_letters + digits
        for letter in wishes:
            if letter.isalnum() and letter.isascii() and letter not in used:
                return letter
        return "?"


def _mark_of(task: str) -> str:
    return task[-1] if task.startswith("cpu") else task[0]


def _fought_over(film: Film) -> set[str]:
    holders: dict[str, set[str]] = {}
    waited = {moment.obj for moment in film.moments if moment.kind == "wait"}
    for moment in film.moments:
        for (kind, name), _, new in moment.changes:
            if kind == "lock" and new:
                holders.setdefault(name, set()).update(str(new).split())
    return waited | {name for name, who in holders.items() if len(who - {"shared"}) > 1}
