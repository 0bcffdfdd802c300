"""The table of costs: what each hardware action takes, in nanoseconds, and where that is from."""

from __future__ import annotations

import tomllib
import typing
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct


class CostError(Exception):
    """A file of costs that cannot be used; one line, with the mend."""


def _ns(description: str, least: float = 0.0) -> Meta:
    """What it is; after the first semicolon, where the default is from."""
    return Meta(ge=least, le=1e9, description=description)


class Costs(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Nanoseconds per action; each says what it is and where its default is from.

    The defaults are of one order of magnitude each, not of one machine: figures of server
    processors of the last ten years. `fuzzcopy cost --calibrate` measures this one.
    """

    copy_hot: Annotated[
        float,
        # Not nothing: other ways to get the bytes there are held against it.
        _ns("copying 4096 bytes from cache to cache; rep movsb, about 100 bytes/ns", least=0.001),
    ] = 42.0
    copy_cold: Annotated[
        float, _ns("the same with a source in DRAM; one core, about 7.5 bytes/ns")
    ] = 550.0
    walk_cached: Annotated[
        float, _ns("a page walk, tables in the caches; four dependent loads")
    ] = 10.0
    walk_cold: Annotated[float, _ns("the same, tables in DRAM; about 75 ns a load")] = 300.0
    minor_fault: Annotated[
        float, _ns("a fault on anonymous memory, exception, zeroing and return included")
    ] = 1200.0
    exception: Annotated[
        float,
        _ns(
            "into the kernel and back by an exception; 440 + 270 cycles at 2.4 GHz "
            '(lastweek.io, "x86 Ring Switch Overhead", Xeon E5 v3)'
        ),
    ] = 296.0
    syscall: Annotated[
        float, _ns("into the kernel and back by a system call; about 150 cycles")
    ] = 50.0
    invlpg: Annotated[float, _ns("forgetting one translation (INVLPG)")] = 100.0
    flush_all: Annotated[
        float, _ns("forgetting all; about 100 cycles, the refills come later as walks")
    ] = 33.0
    shootdown: Annotated[
        float,
        _ns(
            "for the CPU that sends it: a TLB shootdown; with the next fitted on LATR "
            "(ASPLOS 2018): 2.7 us for 16 cores, 6.6 us for 120"
        ),
    ] = 2100.0
    shootdown_per_cpu: Annotated[
        float, _ns("what each CPU in its mask adds; fitted with the last")
    ] = 37.5
    interrupt: Annotated[
        float, _ns("for the CPU that is interrupted: in and out, as by an exception")
    ] = 296.0
    locked: Annotated[
        float,
        _ns(
            "a locked operation on a cached line: a lock, a reference, a flag, a page-table "
            "entry; 20 cycles (Agner Fog, instruction tables)"
        ),
    ] = 6.7
    load: Annotated[float, _ns("a load from the first-level cache; 4 cycles")] = 1.3
    alloc: Annotated[
        float, _ns("a frame from the free list of a CPU, or back; half of 200 cycles (page_bench)")
    ] = 35.0
    disable_faults: Annotated[
        float, _ns("pagefault_disable or _enable: one counter of the task")
    ] = 0.3


def described(costs: Costs, own: str) -> Iterator[tuple[str, float, str]]:
    """Name, nanoseconds and description of every cost.

    A figure that is not the default is not from where that is from either, but from ``own``.
    """
    default = Costs()
    for name, hint in typing.get_type_hints(Costs, include_extras=True).items():
        [meta] = hint.__metadata__
        value, text = getattr(costs, name), meta.description
        if value != getattr(default, name):
            text = f"{text.partition(';')[0]}; from {own}"
        yield name, value, text


def load_costs(path: Path) -> Costs:
    """The table in a TOML file: its ``[costs]`` override the defaults.

    Raises :class:`CostError`. Other tables of the file (``[measured]``) are notes.
    """
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CostError(f"cannot read {path}: {' '.join(str(error).split())}") from None
    table = document.get("costs")
    if not isinstance(table, dict):
        raise CostError(f"{path} has no table [costs]; `fuzzcopy cost --calibrate` writes one")
    try:
        return msgspec.convert(table, Costs)
    except msgspec.ValidationError as error:
        raise CostError(f"{path}: [costs]: {error}; `fuzzcopy cost` lists what there is") from None


def as_toml(title: str, values: Iterable[tuple[str, float]]) -> str:
    """A TOML table of numbers."""
    return "\n".join([f"[{title}]", *[f"{name} = {value:.6g}" for name, value in values], ""])
