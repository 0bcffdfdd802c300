"""The functions of a kernel's paths: which code is running, and where it is not the reference's."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Iterator
from difflib import SequenceMatcher
from functools import wraps
from pathlib import Path as FilePath
from types import CodeType, FunctionType
from typing import Any, NamedTuple

from fuzzcopy.kernel import Kernel, Path

OnEnter = Callable[[CodeType], None]

_KERNEL = "fuzzcopy.kernel."
_DESIGNS = "fuzzcopy.designs."

Call = tuple[CodeType, int]
"""A function that is running, and the line it is at."""


class Swap(NamedTuple):
    """A function that a kernel has in the place of the reference's, at its first other line.

    ``overrides`` names what it stands for, or is empty if it is new; ``text`` is the line.
    """

    name: str
    file: str
    line: int
    text: str
    overrides: str


class Paths:
    """Names of a kernel's path functions, as the kernel itself calls them: ``write.begin``."""

    def __init__(self, kernel: type[Kernel]) -> None:
        self.kernel = kernel
        self._names: dict[CodeType, str] = {}
        self._swapped: dict[CodeType, tuple[type, FunctionType]] = {}
        inherited: list[tuple[CodeType, str]] = []
        for attribute, path in _paths(kernel):
            known = getattr(Kernel, attribute, Path).__mro__
            for owner in path.__mro__:
                if not issubclass(owner, Path):
                    continue
                for function in _functions(owner):
                    name = f"{attribute.removesuffix('_path')}.{function.__name__}"
                    if owner is path or not _ours(owner, path):
                        self._names[function.__code__] = name
                    else:
                        inherited.append((function.__code__, name))
                    if owner not in known and not _ours(owner, path):
                        self._swapped[function.__code__] = path, function
        for code, name in inherited:
            self._names.setdefault(code, name)

    def __contains__(self, code: CodeType) -> bool:
        return code in self._names

    def name(self, code: CodeType) -> str:
        """What the kernel calls the function: ``write.begin``."""
        return self._names[code]

    def is_swapped(self, code: CodeType) -> bool:
        """Whether the reference kernel does not have this function."""
        return code in self._swapped

    def swap(self, code: CodeType) -> Swap:
        """Where a swapped function leaves what it stands for."""
        path, function = self._swapped[code]
        overridden = _overridden(path, function)
        line, text = _first_other_line(function, overridden)
        overrides = "" if overridden is None else overridden.__qualname__
        return Swap(self.name(code), short_paths(code.co_filename), line, text, overrides)

    def under_test(self) -> Iterator[tuple[str, FunctionType]]:
        """The functions of the swapped paths, inherited ones too; of all paths if none is."""
        everything = list(_paths(self.kernel))
        swapped = [
            (attribute, path)
            for attribute, path in everything
            if path is not getattr(Kernel, attribute, None)
        ]
        for attribute, path in swapped or everything:
            # What every path has from Path is no part of any one's protocol.
            owners = [owner for owner in path.__mro__ if owner is not Path]
            for name in dict.fromkeys(name for owner in owners for name in vars(owner)):
                for owner in path.__mro__:
                    function = vars(owner).get(name)
                    # Only what is called first: what it overrides may be of no use to this path.
                    if isinstance(function, FunctionType) and name != "__init__":
                        yield f"{attribute.removesuffix('_path')}.{name}", function
                        break

    def watched(self, on_enter: OnEnter) -> type[Kernel]:
        """The same kernel, which calls ``on_enter`` whenever it enters a swapped function."""
        contents: dict[str, Any] = {"name": self.kernel.name}
        for attribute, path in _paths(self.kernel):
            swapped = {
                function.__name__: _told(function, on_enter)
                for owner in reversed(path.__mro__)
                for function in _functions(owner)
                if function.__code__ in self._swapped
            }
            if swapped:
                contents[attribute] = type(path.__name__, (path,), swapped)
        return type(self.kernel.__name__, (self.kernel,), contents)


def short_paths(text: str) -> str:
    """``file:line`` without what every reader knows: the package's folder, or their own."""
    for root in (FilePath(__file__).parents[2], FilePath.cwd()):
        text = text.replace(f"{root}{os.sep}", "")
    return text


def _paths(kernel: type[Kernel]) -> Iterator[tuple[str, type[Path]]]:
    for attribute in dir(kernel):
        value = getattr(kernel, attribute)
        if attribute.endswith("_path") and isinstance(value, type) and issubclass(value, Path):
            yield attribute, value


def _functions(owner: type) -> list[FunctionType]:
    return [value for value in vars(owner).values() if isinstance(value, FunctionType)]


def _ours(owner: type, path: type) -> bool:
    """Whether what ``owner`` defines is correct code that ``path`` only builds on."""
    if path.__module__.startswith(_DESIGNS):
        return owner.__module__.startswith(_KERNEL)
    return owner.__module__.startswith((_KERNEL, _DESIGNS))


def _told(function: FunctionType, on_enter: OnEnter) -> Callable[..., Any]:
    code = function.__code__

    @wraps(function)
    def told(*args: Any, **kwargs: Any) -> Any:
        on_enter(code)
        return function(*args, **kwargs)

    return told


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
