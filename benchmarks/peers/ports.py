"""The plain programs on asyncio: the same source, other primitives under it.

Every preemption point is one ``asyncio.sleep(0)``, just before the access: what the programs'
tasks do between two points, and how many points there are, is the same as on ``fuzzcopy.sched``.
Locks are asyncio's own, so that a peer that knows about deadlocks of those can find them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Generic, TypeVar, cast
from unittest.mock import patch

from benchmarks import programs
from benchmarks.program import Setup
from fuzzcopy.sched import Scheduler

T = TypeVar("T")


class Tasks:
    """Takes the place of the scheduler: collects what a program spawns."""

    def __init__(self) -> None:
        self.programs: list[Callable[[], Coroutine[Any, Any, object]]] = []

    def spawn(
        self, program: Callable[..., Coroutine[Any, Any, object]], *args: object, name: str = ""
    ) -> None:
        self.programs.append(partial(program, *args))

    async def point(self, kind: str) -> None:
        await asyncio.sleep(0)


class Cell(Generic[T]):
    """A shared variable."""

    def __init__(self, tasks: Tasks, name: str, value: T) -> None:
        self.value = value

    async def get(self) -> T:
        await asyncio.sleep(0)
        return self.value

    async def set(self, value: T) -> None:
        await asyncio.sleep(0)
        self.value = value

    async def update(self, change: Callable[[T], T]) -> T:
        await asyncio.sleep(0)
        before = self.value
        self.value = change(before)
        return before


class Mutex:
    """A lock; taking it is a point, as asyncio's own is only if somebody has it."""

    def __init__(self, tasks: Tasks, kind: str, name: str) -> None:
        self._lock = asyncio.Lock()

    async def __aenter__(self) -> None:
        await asyncio.sleep(0)
        await self._lock.acquire()

    async def __aexit__(self, *_: object) -> None:
        self._lock.release()


class Completion:
    """Something that happens once."""

    def __init__(self, tasks: Tasks, name: str) -> None:
        self._event = asyncio.Event()

    def complete(self) -> None:
        self._event.set()

    async def wait(self) -> None:
        await asyncio.sleep(0)
        await self._event.wait()


PORTS = {port.__name__: port for port in (Cell, Mutex, Completion)}


@contextmanager
def on_asyncio() -> Iterator[None]:
    """Inside, the programs make their shared state of asyncio."""
    patches = []
    for info in iter_modules(programs.__path__):
        module = import_module(f"{programs.__name__}.{info.name}")
        known = {name: port for name, port in PORTS.items() if hasattr(module, name)}
        if known:
            patches.append(patch.multiple(module, **known))
    for each in patches:
        each.start()
    try:
        yield
    finally:
        for each in patches:
            each.stop()


def tasks_of(setup: Setup) -> Tasks:
    """What ``setup`` spawns. Only inside :func:`on_asyncio`."""
    tasks = Tasks()
    setup(cast("Scheduler", tasks))
    return tasks
