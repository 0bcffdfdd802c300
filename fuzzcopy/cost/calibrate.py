"""Measuring this machine and its running Linux: copies, page faults, TLB shootdowns.

Python is slow beside what is measured, so everything is a difference of two loops that differ in
nothing else, each the best of several rounds: what disturbs one only ever makes it longer.
"""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import mmap
import os
import platform
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from fuzzcopy.cost.costs import CostError, Costs, as_toml
from fuzzcopy.sched import ctrl_c

PAGE = 4096
_ROUNDS = 7
_THREADS = 6
_HOT = 32 * 1024


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured, in nanoseconds; ``mprotect_others`` only if there is another CPU.

    Copies are of 4096 bytes. ``mprotect`` takes write permission from one page; ``others`` CPUs
    then run in the same address space.
    """

    copy_hot: float
    copy_cold: float
    minor_fault: float
    mprotect_alone: float
    mprotect_others: float | None
    others: int

    def in_order(self) -> bool:
        """Whether hot copy < cold copy < minor fault <= mprotect beside another CPU."""
        return (
            self.copy_hot < self.copy_cold < self.minor_fault
            and self.mprotect_others is not None
            and self.minor_fault <= self.mprotect_others
        )

    def costs(self) -> dict[str, float]:
        """The entries of the table that this says something about."""
        table = {name: getattr(self, name) for name in ("copy_hot", "copy_cold", "minor_fault")}
        table["exception"] = min(Costs().exception, self.minor_fault / 2)
        if self.mprotect_others is not None:
            rest = self.mprotect_others - self.mprotect_alone
            rest -= self.others * Costs().shootdown_per_cpu
            table["shootdown"] = max(rest, 0.0)
        return table

    def as_toml(self) -> str:
        """The file for ``--costs``: ``[costs]``, and what was measured beside it."""
        raw = [
            (name, getattr(self, name))
            for name in self.__slots__
            if getattr(self, name) is not None
        ]
        notes = f"# {platform.system()} {platform.release()}, {os.cpu_count()} CPUs, {_model()}\n"
        return notes + as_toml("costs", self.costs().items()) + "\n" + as_toml("measured", raw)


@ctrl_c.held()  # amid a round something points into memory, which cannot be unmapped then
def calibrate(tell: Callable[[str], None] = lambda _: None) -> Measured:
    """Measure; takes some seconds. Raises :class:`CostError` where that cannot be done.

    Ctrl-C ends it between two rounds.
    """
    if platform.system() != "Linux":
        raise CostError("calibration is for Linux; elsewhere write the file by hand")
    tell("copies")
    hot = _copy_hot()
    cold = hot + _cold_surplus()
    tell("page faults")
    fault = _minor_fault()
    tell("mprotect")
    with _pinned() as cpus:
        alone = min(_mprotect() for _ in range(_ROUNDS))
        others: float | None = None
        if len(cpus) > 1:
            tell("mprotect beside other CPUs")
            with _spinning(cpus[1:]):
                # In a round in which other programs had those CPUs nobody was interrupted, and
                # in one in which they had this one everything took long.
                others = sorted(_mprotect() for _ in range(3 * _ROUNDS))[-3]
    return Measured(hot, cold, fault, alone, others, len(cpus) - 1)


def _model() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.machine()


def _difference(long: Callable[[], int], short: Callable[[], int], rounds: int = _ROUNDS) -> float:
    """The best of ``long`` less the best of ``short``, which take turns; both in nanoseconds."""
    longs, shorts = [], []
    for _ in range(rounds):
        ctrl_c.check()
        longs.append(long())
        shorts.append(short())
    return max(float(min(longs) - min(shorts)), 0.0)


# -- copies ---------------------------------------------------------------------------------


def _copy_hot() -> float:
    """One copy of much against as many copies of next to nothing."""
    source, target = memoryview(bytearray(_HOT)), memoryview(bytearray(_HOT))
    count = 500

    def copying(length: int) -> Callable[[], int]:
        from_, to = source[:length], target[:length]

        def loop() -> int:
            begin = time.perf_counter_ns()
            for _ in range(count):
                to[:] = from_
            return time.perf_counter_ns() - begin

        return loop

    taken = _difference(copying(_HOT), copying(8), 8 * _ROUNDS)
    return taken / count * PAGE / (_HOT - 8)


def _cold_surplus() -> float:
    """Page after page of memory larger than any cache, against one page again and again."""
    size = _larger_than_the_caches()
    with mmap.mmap(-1, size) as memory, memoryview(memory) as source:
        for at in range(0, size, PAGE):
            source[at] = 1
        target = memoryview(bytearray(PAGE))
        places = range(0, size, PAGE)
        same = [0] * len(places)

        def copying(from_: Sequence[int]) -> Callable[[], int]:
            def loop() -> int:
                begin = time.perf_counter_ns()
                for at in from_:
                    target[:] = source[at : at + PAGE]
                return time.perf_counter_ns() - begin

            return loop

        return _difference(copying(places), copying(same)) / len(places)


def _larger_than_the_caches() -> int:
    largest = 32 << 20
    for path in Path("/sys/devices/system/cpu/cpu0/cache").glob("index*/size"):
        text = path.read_text("utf-8").strip()
        if text.endswith("K") and text[:-1].isdigit():
            largest = max(largest, int(text[:-1]) << 10)
    return min(4 * largest, 512 << 20)


# -- faults ---------------------------------------------------------------------------------


def _minor_fault() -> float:
    """The first store to each page of fresh memory against the second."""
    pages = 1_024

    places = range(0, pages * PAGE, PAGE)
    firsts, seconds = [], []
    for _ in range(8 * _ROUNDS):
        ctrl_c.check()
        with mmap.mmap(-1, pages * PAGE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as memory:
            if hasattr(mmap, "MADV_NOHUGEPAGE"):
                with contextlib.suppress(OSError):
                    memory.madvise(mmap.MADV_NOHUGEPAGE)
            begin = time.perf_counter_ns()
            for at in places:
                memory[at] = 1
            middle = time.perf_counter_ns()
            for at in places:
                memory[at] = 2
            firsts.append(middle - begin)
            seconds.append(time.perf_counter_ns() - middle)
    return (min(firsts) - min(seconds)) / pages


# -- shootdowns -----------------------------------------------------------------------------


def _mprotect() -> float:
    """Taking write permission from a page that was just stored to; the median of many."""
    ctrl_c.check()
    libc = ctypes.CDLL(None, use_errno=True)
    libc.mprotect.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    read_only, writable = mmap.PROT_READ, mmap.PROT_READ | mmap.PROT_WRITE
    time.sleep(0.01)
    with mmap.mmap(-1, PAGE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as memory:
        cell = ctypes.c_char.from_buffer(memory)
        address = ctypes.addressof(cell)
        taken, nothing = [], []
        for _ in range(1_000):
            memory[0] = 1
            begin = time.perf_counter_ns()
            failed = libc.mprotect(address, PAGE, read_only)
            middle = time.perf_counter_ns()
            libc.mprotect(address, 0, read_only)  # a system call that does nothing
            end = time.perf_counter_ns()
            if failed or libc.mprotect(address, PAGE, writable):
                raise CostError(f"mprotect: {os.strerror(ctypes.get_errno())}")
            taken.append(middle - begin)
            nothing.append(end - middle)
        del cell
    return float(sorted(taken)[len(taken) // 2] - min(nothing))


@contextlib.contextmanager
def _pinned() -> Iterator[list[int]]:
    """Keep this thread on one CPU; yields the CPUs there are, that one first."""
    cpus = sorted(os.sched_getaffinity(0))
    try:
        os.sched_setaffinity(0, cpus[:1])
        yield cpus
    finally:
        os.sched_setaffinity(0, cpus)


@contextlib.contextmanager
def _spinning(cpus: list[int]) -> Iterator[None]:
    """Threads of this process busy on each of ``cpus``, without the interpreter's lock.

    Several on each, so that one of them has it nearly always, whatever else the machine does.
    """
    stop = threading.Event()
    work = bytes(32 << 20)  # long enough not to wait for the interpreter all the time

    def spin(cpu: int) -> None:
        os.sched_setaffinity(0, [cpu])
        while not stop.is_set():
            hashlib.sha256(work)

    threads = [threading.Thread(target=spin, args=(cpu,), daemon=True) for cpu in cpus * _THREADS]
    for thread in threads:
        thread.start()
    try:
        time.sleep(0.2)
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()
