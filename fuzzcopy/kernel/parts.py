"""What a kernel of one's own may be made of: a mistake in it is told where the class is made."""

from __future__ import annotations

from difflib import get_close_matches
from inspect import isabstract
from types import CodeType, FunctionType

from fuzzcopy.kernel.path import Path


def check_part(kernel: type, told: str, name: str, value: object) -> None:
    """Refuse ``value`` as the attribute ``name`` of what derives from ``kernel``.

    A path that is never called would be found faultless; one that is none cannot be made.
    """
    known = getattr(kernel, name, None)
    if isinstance(known, type) and issubclass(known, Path):
        _check_path(known, told, value)
    elif known is None and isinstance(value, type) and issubclass(value, Path):
        _check_name(kernel, told, name)


def _check_path(known: type[Path], told: str, value: object) -> None:
    if not (isinstance(value, type) and issubclass(value, Path)):
        raise TypeError(
            f"{told} is {value!r}, which is no path class: "
            f"derive one from fuzzcopy.kernel.{known.__name__}"
        )
    if isabstract(value):
        missing = ", ".join(sorted(vars(value)["__abstractmethods__"]))
        raise TypeError(f"{told} is {value.__name__}, which is abstract: it lacks {missing}")


def _check_name(kernel: type, told: str, name: str) -> None:
    known = [known for known in vars(kernel) if known.endswith("_path")]
    meant = get_close_matches(name, known, n=1, cutoff=0.85)
    meant += [f"{name}_path"] * (f"{name}_path" in known)
    if meant:
        raise TypeError(f"{told} is no path: is {meant[0]} meant?")


def check_methods(kernel: type, own: type) -> None:
    """Refuse a method of a path of ``own`` that nothing calls, and is nearly one of its base's."""
    swapped = []
    for name in dir(own):
        known = getattr(kernel, name, None)
        if isinstance(known, type) and issubclass(known, Path):
            path = getattr(own, name)
            swapped.append((known, path, _functions(path, known)))
    codes = [function.__code__ for _, function in _functions(own, kernel)]
    codes += [function.__code__ for *_, functions in swapped for _, function in functions]
    for known, path, functions in swapped:
        methods = [name for name in dir(known) if isinstance(getattr(known, name), FunctionType)]
        names = {name for name, _ in functions}
        for name in sorted(names.difference(methods)):
            meant = set(get_close_matches(name, methods, n=1, cutoff=0.85)) - names
            if meant and not any(_names(code, name) for code in codes):
                raise TypeError(
                    f"nothing calls {path.__name__}.{name}: is {meant.pop()} meant, "
                    f"as in {known.__name__}?"
                )


def _functions(own: type, known: type) -> list[tuple[str, FunctionType]]:
    """Those of ``own`` and its bases that ``known`` does not come by."""
    return [
        (name, function)
        for owner in own.__mro__
        if owner not in known.__mro__
        for name, function in vars(owner).items()
        if isinstance(function, FunctionType)
    ]


def _names(code: CodeType, name: str) -> bool:
    inner = (const for const in code.co_consts if isinstance(const, CodeType))
    return name in code.co_names or any(_names(each, name) for each in inner)
