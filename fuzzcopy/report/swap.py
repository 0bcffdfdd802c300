"""Where a function that a kernel swaps leaves what it stands for."""

from __future__ import annotations

import inspect
from difflib import SequenceMatcher
from types import CodeType, FunctionType
from typing import NamedTuple

from fuzzcopy.report.paths import short_paths
from fuzzcopy.runner.paths import Paths


class Swap(NamedTuple):
    """A function that a kernel has in the place of the reference's, at its first other line.

    ``overrides`` names what it stands for, or is empty if it is new; ``text`` is the line.
    """

    name: str
    file: str
    line: int
    text: str
    overrides: str

    @classmethod
    def of(cls, paths: Paths, code: CodeType) -> Swap:
        """That of the swapped function that has ``code``."""
        path, function = paths.swapped(code)
        overridden = _overridden(path, function)
        line, text = _first_other_line(function, overridden)
        overrides = "" if overridden is None else overridden.__qualname__
        return cls(paths.name(code), short_paths(code.co_filename), line, text, overrides)


def _overridden(path: type, function: FunctionType) -> FunctionType | None:
    """The next function of that name in the order of ``path``'s bases."""
    found = False
    for owner in path.__mro__:
        candidate = vars(owner).get(function.__name__)
        if found and isinstance(candidate, FunctionType):
            return candidate
        found = found or candidate is function
    return None


def _first_other_line(function: FunctionType, overridden: FunctionType | None) -> tuple[int, str]:
    """The first line of ``function`` that what it overrides does not have there."""
    first = function.__code__.co_firstlineno
    lines = _body(function)
    theirs = [] if overridden is None else [text for _, text in _body(overridden)]
    matcher = SequenceMatcher(None, theirs, [text for _, text in lines], autojunk=False)
    for tag, _, _, low, _ in matcher.get_opcodes():
        if tag != "equal" and lines:
            # Something left out is seen at the line that comes instead, if there is one.
            at, text = lines[min(low, len(lines) - 1)]
            return first + at, text
    return first, lines[0][1] if lines else ""


def _body(function: FunctionType) -> list[tuple[int, str]]:
    """The statements of a function, each line with its distance from the first one."""
    try:
        source = inspect.getsource(function)
    except (OSError, TypeError):
        return []
    doc = function.__doc__
    lines = [(i, text.strip()) for i, text in enumerate(source.splitlines())]
    if doc:
        skipped = {text.strip().strip('"') for text in doc.splitlines()}
        lines = [(i, text) for i, text in lines if text.strip('"') not in skipped]
    signature = next((k for k, (_, text) in enumerate(lines) if text.endswith(":")), -1)
    rest = [(i, text) for i, text in lines[signature + 1 :] if text and not text.startswith("#")]
    # A function of a docstring alone: that is what it does.
    return rest or [(i, text.strip()) for i, text in enumerate(source.splitlines())][-1:]
