"""Events that change no fact, in a person's words; and those that need none.

Every event that a film does not handle itself is in one of the two tables.
"""

from __future__ import annotations

from collections.abc import Callable

from fuzzcopy.counted import counted

WORDS: dict[str, Callable[..., str]] = {
    "copied_short": lambda cpu, copied, length: f"copied {copied} of {_bytes(length)}",
    "copied_to_replace": lambda cpu, space, vpn, page: (
        f"{page} copied, to be replaced at {space.table.slot(vpn)}"
    ),
    "disk_failed": lambda kind, block, frame: (
        f"{kind} of block {block[0]}:{block[1]} fails, {frame} is as it was"
        if kind == "read"
        else f"{kind} of block {block[0]}:{block[1]} fails"
    ),
    "ipi_sent": lambda sender, targets: (
        f"{sender} interrupts {' and '.join(map(str, targets))}" if targets else ""
    ),
    "out_of_memory": lambda cpu: "no frame to be had",
    "page_faulted": lambda cpu, address, write: (
        f"{'store' if write else 'load'} at {address:#x} faults"
    ),
    "page_flipped": lambda cpu, page, buffer, position, cells: (
        f"{page} mapped into the buffer instead of copied"
    ),
    "page_scanned": lambda page, mapped, dirty, gone: (
        f"reclaim {'frees' if gone else 'keeps'} {page}, {'dirty' if dirty else 'clean'}"
    ),
    "page_taken": lambda cpu, page, buffer, position, cells: (
        f"{page} given to the file instead of copied"
    ),
    "pin_read": lambda cpu, pinned, address, cells: (
        f"the device reads {_bytes(len(cells))} at {address:#x} from the pinned {pinned.page}"
    ),
    "pin_written": lambda cpu, pinned, address, cells: (
        f"{_bytes(len(cells))} for {address:#x} go to the pinned {pinned.page}"
    ),
    "table_freed": lambda table, page: f"page-table page {page} freed",
    "table_loaded": lambda cpu, table: f"{cpu} loads the page table of {table}",
    "write_lost": lambda name: f"data of {name} is lost, the next fsync is to tell of it",
    "write_retried": lambda cpu, length: f"nothing accepted: tries {_bytes(length)} again",
    "write_submitted": lambda block, frame: f"write of block {block[0]}:{block[1]} submitted",
}
"""By event, its arguments in words; an empty text says nothing."""

UNSAID = {
    "awaited": "waiting has a row",
    "copied_from_user": "the bytes change in the frame",
    "copied_to_user": "the bytes change in the frame",
    "decided": "a row is marked",
    "faults_disabled": "a fact of the CPU",
    "faults_enabled": "a fact of the CPU",
    "interrupts_disabled": "a fact of the CPU",
    "interrupts_enabled": "a fact of the CPU",
    "ipi_taken": "an event has a row",
    "loaded": "the step has a row",
    "lock_wanted": "the step has a row",
    "sleeping": "waiting has a row",
    "stored": "the bytes change in the frame",
    "table_walked": "the step has a row",
    "task_ended": "the last return has a row",
    "touched": "for exploration: what a step reaches beside what its label says",
}
"""Events that need no words, as something else in the report already says so, or nobody asks."""


def _bytes(count: int) -> str:
    return counted(count, "byte")
