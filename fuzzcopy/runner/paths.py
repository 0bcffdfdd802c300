"""The functions of a kernel's paths: which code is running, and whether it is the reference's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from types import CodeType, FunctionType
from typing import Any

from fuzzcopy.kernel import Kernel, Path

OnEnter = Callable[[CodeType], None]

_KERNEL = "fuzzcopy.kernel."
_DESIGNS = "fuzzcopy.designs."


class Paths:
    """Names of a kernel's path functions, as the kernel itself calls them: ``write.begin``."""

    def __init__(self, kernel: type[Kernel]) -> None:
        self.kernel = kernel
        self._names: dict[CodeType, str] = {}
        self._swapped: dict[CodeType, tuple[type[Path], FunctionType]] = {}
        inherited: list[tuple[CodeType, str]] = []
        for attribute, path in _paths(kernel):
            known = getattr(Kernel, attribute, Path).__mro__
            for owner in path.__mro__:
                if not issubclass(owner, Path):
                    continue
                for called, function in _functions(owner):
                    name = f"{attribute.removesuffix('_path')}.{called}"
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

    def swaps(self) -> list[CodeType]:
        """The swapped functions that can be watched, each once: what overrides one hides it."""
        functions = [self._swapped_in(path) for _, path in _paths(self.kernel)]
        return list(dict.fromkeys(one.__code__ for some in functions for one in some.values()))

    def swapped(self, code: CodeType) -> tuple[type[Path], FunctionType]:
        """A swapped function, and the path that it is part of."""
        return self._swapped[code]

    def tell_all(self) -> bool:
        """Whether swapped functions are all that tells the kernel from the reference.

        If so, a run that enters none of them is a run of the reference, or of the design that they
        build on. Nothing else in the kernel or in a path may then stand for something of theirs.
        """
        pairs: list[tuple[type, type]] = [(self.kernel, Kernel)]
        pairs += [(path, getattr(Kernel, name, Path)) for name, path in _paths(self.kernel)]
        return bool(self._swapped) and all(
            self._is_told(name, value)
            for own, known in pairs
            for owner in own.__mro__
            if owner not in known.__mro__
            for name, value in vars(owner).items()
            if any(name in vars(base) for base in own.__mro__[own.__mro__.index(owner) + 1 :])
        )

    def _is_told(self, name: str, value: object) -> bool:
        if isinstance(value, FunctionType):
            return value.__code__ in self._swapped or value.__module__.startswith(_DESIGNS)
        return name == "name" or name.startswith("__") or name.endswith("_path")

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
            swapped = self._swapped_in(path)
            if swapped:
                told = {name: _told(function, on_enter) for name, function in swapped.items()}
                contents[attribute] = type(path.__name__, (path,), told)
        return type(self.kernel.__name__, (self.kernel,), contents)

    def _swapped_in(self, path: type[Path]) -> dict[str, FunctionType]:
        return {
            called: function
            for owner in reversed(path.__mro__)
            for called, function in _functions(owner)
            if function.__code__ in self._swapped
        }


def _paths(kernel: type[Kernel]) -> Iterator[tuple[str, type[Path]]]:
    for attribute in dir(kernel):
        value = getattr(kernel, attribute)
        if attribute.endswith("_path") and isinstance(value, type) and issubclass(value, Path):
            yield attribute, value


def _functions(owner: type) -> list[tuple[str, FunctionType]]:
    """By the name that they are called by, which need not be the one they were defined under."""
    return [(name, value) for name, value in vars(owner).items() if isinstance(value, FunctionType)]


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
