"""Leak: what is left over when everything has ended."""

from __future__ import annotations

from typing import NoReturn

from fuzzcopy.counted import counted
from fuzzcopy.kernel import Page
from fuzzcopy.oracles.evidence import BadCount, HeldLock
from fuzzcopy.oracles.oracle import Oracle
from fuzzcopy.sched import Verdict


class Leak(Verdict):
    """A lock, a reference or a disabling outlived every program."""

    kind = "leak"


class LeakOracle(Oracle):
    """Adds everything up once programs have ended and I/O is drained."""

    def finish(self) -> None:
        for lock in self.world.scheduler.locks:
            if lock.holders:
                self.fail(
                    Leak(f"{lock.holders[0]} ended holding the {lock.description}"),
                    HeldLock(lock.description),
                )
        for cpu in self.world.machine.cpus:
            if cpu.faults_disabled:
                self.fail(Leak(f"{cpu} ended with page faults disabled"))
            if not cpu.interrupts_enabled:
                self.fail(Leak(f"{cpu} ended with interrupts off"))
        for space in self.world.kernel.spaces:
            if space.flushes.peek():
                self.fail(Leak(f"{space.flushes.peek()} flushes of {space} are still pending"))
            for table_page in space.table.detached:
                self.fail(Leak(f"page-table page {table_page} is in no table, and not free"))
        self._count_references()

    def _count_references(self) -> None:
        kernel = self.world.kernel
        mapped: dict[int, int] = {}
        for space in kernel.spaces:
            for entry in space.table.entries.values():
                mapped[entry.frame.index] = mapped.get(entry.frame.index, 0) + 1
        piped: dict[int, int] = {}
        for pipe in kernel.pipes:
            for slot in pipe.slots:
                if slot.page is not None:
                    index = slot.page.frame.index
                    piped[index] = piped.get(index, 0) + 1
        kept: dict[int, int] = {}
        for space in kernel.spaces:
            for page in space.snapshot.values():
                kept[page.frame.index] = kept.get(page.frame.index, 0) + 1
        pages = kernel.pages()
        owned = {page.frame.index for page in pages if page.refs}
        for frame in self.world.machine.memory.frames:
            if not frame.free and frame.index not in owned:
                leak = Leak(f"{frame} is in use, but nobody has it")
                self.fail(leak, BadCount(frame.name, "refs"))
        for page in pages:
            entries = mapped.get(page.frame.index, 0)
            if page.writeback:
                self.fail(Leak(f"page {page} is still under writeback"))
            if page.pins:
                self._miscounted(page, "pins", "is still pinned")
            if page.mapcount != entries:
                what = f"counts {page.mapcount} page-table entries of {entries}"
                self._miscounted(page, "mapcount", what)
            snapshots = kept.get(page.frame.index, 0)
            if page.snapshots != snapshots:
                what = f"counts {page.snapshots} snapshots of {snapshots}"
                self._miscounted(page, "snapshots", what)
            expected = entries + (page.file is not None) + snapshots
            expected += piped.get(page.frame.index, 0)
            if page.refs != expected:
                what = f"has {counted(page.refs, 'reference')}, in use: {expected}"
                self._miscounted(page, "refs", what)

    def _miscounted(self, page: Page, count: str, what: str) -> NoReturn:
        self.fail(Leak(f"page {page} {what}"), BadCount(page.frame.name, count))
