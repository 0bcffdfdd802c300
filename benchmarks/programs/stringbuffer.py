"""SCTBench stringbuffer: JDK 1.4's StringBuffer.append. n = 2, k = 10, depth 3.

Every method locks its buffer, so each is atomic by itself. But appending one buffer to another
asks for the other's length first and for that many characters then, in two calls. If somebody
empties the buffer in between, and has not filled it again, the length is stale. Three constraints
in a row: length before erase, erase before characters, characters before refill. The correct twin
holds the other's lock over both. Published as n/k = 2/10, the main thread doing the append.
"""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.program import Async, Program
from fuzzcopy.sched import Cell, Mutex, Scheduler


class StringBuffer:
    """A string with a lock."""

    def __init__(self, scheduler: Scheduler, name: str, text: str) -> None:
        self.lock = Mutex(scheduler, "mutex", f"lock of {name}")
        self.text = Cell(scheduler, name, text)

    async def length(self) -> int:
        """How many characters there are just now."""
        async with self.lock:
            return len(await self.text.get())

    async def characters(self, count: int) -> str:
        """The first ``count`` characters."""
        async with self.lock:
            text = await self.text.get()
            assert count <= len(text), f"{count} characters of {len(text)}"
            return text[:count]

    async def erase(self) -> None:
        """Empty it."""
        async with self.lock:
            await self.text.set("")

    async def add(self, more: str) -> None:
        """Append a plain string."""
        async with self.lock:
            await self.text.update(lambda text: text + more)


async def append_in_two_calls(to: StringBuffer, other: StringBuffer) -> None:
    """The length may be stale when it is used."""
    async with to.lock:
        count = await other.length()
        more = await other.characters(count)
        await to.text.update(lambda text: text + more)


async def append_under_both_locks(to: StringBuffer, other: StringBuffer) -> None:
    """Nobody changes ``other`` meanwhile."""
    async with to.lock, other.lock:
        more = await other.text.get()
        await to.text.update(lambda text: text + more)


def start(
    scheduler: Scheduler, append: Callable[[StringBuffer, StringBuffer], Async[None]]
) -> None:
    """One task appends the shared buffer to its own, the other empties and refills it."""
    shared = StringBuffer(scheduler, "shared", "abc")
    own = StringBuffer(scheduler, "own", "")

    async def refill() -> None:
        await shared.erase()
        await shared.add("abc")

    scheduler.spawn(append, own, shared, name="append")
    scheduler.spawn(refill, name="refill")


def buggy(scheduler: Scheduler) -> None:
    """Length and characters in two calls."""
    start(scheduler, append_in_two_calls)


def correct(scheduler: Scheduler) -> None:
    """Both at once."""
    start(scheduler, append_under_both_locks)


PROGRAM = Program(buggy=buggy, correct=correct, tasks=2, points=10, depth=3, verdict="crash")
