"""The state of a run as plain facts: what is so, one entry per thing, and how it changes.

A fact's key is its kind and its name (``("page", "f0:2")``); its value is text, or the cells of
a frame or block. What is free, absent or off has no fact.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from fuzzcopy.kernel import Page
from fuzzcopy.machine import Entry, Origins, TlbEntry
from fuzzcopy.machine.provenance import GARBAGE, ZERO
from fuzzcopy.sched import Lock
from fuzzcopy.world import World

Key = tuple[str, str]
Value = str | tuple[int, ...]
State = dict[Key, Value]

KINDS = (
    "mapping",
    "file",
    "page",
    "entry",
    "tlb",
    "frame",
    "extent",
    "bytes",
    "disk",
    "cpu",
    "lock",
)
"""The order in which kinds of facts are told."""


class Change(NamedTuple):
    """A fact that became another; ``None`` stands for none."""

    key: Key
    old: Value | None
    new: Value | None


def page_fact(page: Page) -> str:
    """``frame0 uptodate dirty``."""
    flags = [flag for flag in ("uptodate", "dirty", "writeback") if getattr(page, flag)]
    return " ".join([str(page.frame), *flags])


def entry_fact(entry: Entry | TlbEntry) -> str:
    """``frame0/wd``: frame, writable or read-only, dirty."""
    return f"{entry.frame}/{'w' if entry.writable else 'r'}{'d' if entry.dirty else ''}"


def lock_fact(lock: Lock) -> str:
    """Who holds it: ``cpu0``, or ``cpu0 cpu1 shared``; empty if nobody does."""
    return " ".join(map(str, lock.holders)) + (" shared" if lock.holders and lock.shared else "")


def cpu_fact(faults_disabled: int, interrupts_enabled: bool) -> str:
    """What is off on a CPU."""
    words = ["faults off"] if faults_disabled else []
    return ", ".join(words if interrupts_enabled else [*words, "interrupts off"])


def initial(world: World) -> State:
    """The facts of a world in which nothing has happened."""
    state: State = {}
    for space in world.kernel.spaces:
        for vma in space.vmas:
            state["mapping", str(vma)] = "there"
        for vpn, entry in sorted(space.table.entries.items()):
            state["entry", space.table.slot(vpn)] = entry_fact(entry)
    for file in world.kernel.files:
        state["file", file.name] = f"{file.size.peek()} bytes"
        for _, page in sorted(file.pages.items()):
            state["page", page.name] = page_fact(page)
    for frame in world.machine.memory.frames:
        if not frame.free:
            state["frame", frame.name] = world.kernel.page_of(frame).name
            state["bytes", frame.name] = tuple(frame.cells)
    for (name, index), cells in sorted(world.machine.disk.blocks.items()):
        state["disk", f"{name}:{index}"] = tuple(cells)
    return state


def net(changes: Iterable[Change]) -> list[Change]:
    """What many changes come to, told in the order of :data:`KINDS`."""
    first: dict[Key, Change] = {}
    for change in changes:
        known = first.get(change.key)
        old = change.old if known is None else known.old
        first[change.key] = Change(change.key, old, change.new)
    rest = [change for change in first.values() if change.old != change.new]
    return sorted(rest, key=lambda change: KINDS.index(change.key[0]))


def tell(change: Change, origins: Origins) -> str:
    """A change in few words, or nothing if it goes without saying."""
    (kind, name), old, new = change
    if isinstance(new, tuple) or isinstance(old, tuple):
        return _tell_bytes(kind, name, old, new, origins)
    if kind == "page":
        return _tell_page(name, old, new)
    if kind == "tlb":
        cpu, place = name.split(" ", 1)
        return f"{cpu} TLB {place} -> {new}" if new else f"{cpu} TLB {place} gone"
    if kind == "entry":
        return f"entry {name} -> {new}" if new else f"entry {name} cleared"
    if kind == "file":
        return f"{name} has {new}"
    if kind == "frame":
        return "" if new else f"{name} freed"
    if kind == "extent":
        return f"extent {name} {new}"
    if kind == "mapping":
        return f"mapping {name} {'added' if new else 'gone'}"
    if kind == "cpu":
        return _tell_cpu(name, str(old or ""), str(new or ""))
    return ""


def _tell_cpu(name: str, old: str, new: str) -> str:
    # Page faults are off in the middle of every copy: that goes without saying.
    was, now = ("interrupts off" in text for text in (old, new))
    return "" if was is now else f"{name} interrupts {'off' if now else 'on'}"


def _tell_page(name: str, old: str | tuple[int, ...] | None, new: object) -> str:
    if not new:
        return f"page {name} out of the cache"
    frame, *flags = str(new).split()
    if not old:
        return " ".join([f"page {name} at {frame}", *flags])
    was, *before = str(old).split()
    words = [f"at {frame}"] if was != frame else []
    words += [flag for flag in flags if flag not in before]
    words += [f"not {flag}" for flag in before if flag not in flags]
    return f"page {name} {', '.join(words)}"


def _tell_bytes(
    kind: str, name: str, old: Value | None, new: Value | None, origins: Origins
) -> str:
    what = f"block {name}" if kind == "disk" else name
    if not isinstance(new, tuple):
        return f"{what} is a hole" if kind == "disk" else ""
    before = old if isinstance(old, tuple) else ()
    spans = [
        (low, high, text)
        for low, high, text in spans_of(new, origins)
        if tuple(before[low:high]) != tuple(new[low:high])
    ]
    return ", ".join(f"{what}[{low}:{high}] = {text}" for low, high, text in spans)


def spans_of(cells: tuple[int, ...], origins: Origins) -> list[tuple[int, int, str]]:
    """Runs of bytes of one origin, from byte to byte, with what they are."""
    spans: list[tuple[int, int, str]] = []
    for i, cell in enumerate(cells):
        text = _origin(cell, origins)
        if spans and spans[-1][2] == text:
            spans[-1] = (spans[-1][0], i + 1, text)
        else:
            spans.append((i, i + 1, text))
    return spans


def _origin(cell: int, origins: Origins) -> str:
    if cell == ZERO:
        return "zeros"
    origin = origins.of(cell)
    if origin.kind == "boot":
        return "garbage"
    return f"garbage, once {origin.what}" if cell & GARBAGE else origin.what
