"""What a kernel of one's own may be made of: a mistake in it is told where the class is made."""

from __future__ import annotations

from difflib import get_close_matches
from inspect import isabstract

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
        missing = ", ".join(sorted(value.__abstractmethods__))
        raise TypeError(f"{told} is {value.__name__}, which is abstract: it lacks {missing}")


def _check_name(kernel: type, told: str, name: str) -> None:
    known = [known for known in vars(kernel) if known.endswith("_path")]
    meant = get_close_matches(name, known, n=1, cutoff=0.85)
    meant += [f"{name}_path"] * (f"{name}_path" in known)
    if meant:
        raise TypeError(f"{told} is no path: is {meant[0]} meant?")
