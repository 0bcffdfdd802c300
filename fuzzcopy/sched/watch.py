"""The event stream: what happens is announced once, and whoever cares listens.

A layer extends :class:`Watcher` by methods for its own events; the method's docstring is the
event's definition. A :class:`Bus` compiles, per event, the tuple of handlers that are really
overridden, so that announcing an event nobody watches costs one empty loop::

    for tell in bus.lock_taken:
        tell(task, lock)
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import cache
from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from fuzzcopy.sched.locks import Lock
    from fuzzcopy.sched.task import Event, Task
    from fuzzcopy.sched.waitgraph import Resource

Handlers = tuple[Callable[..., None], ...]


class Watcher:
    """Sees everything, changes nothing. Override the events of interest.

    A handler may end the run with ``scheduler.fail(verdict)``; it must not touch the state.
    """

    def step(self, task: Task, kind: str, obj: object, write: bool) -> None:
        """``task`` passes a preemption point and now does ``kind`` to ``obj``.

        Watching this event makes every step take the scheduler's slow path.
        """

    def decided(self, task: Task, label: str, nth: int, choice: str, value: int) -> None:
        """The policy deviated from its default at ``task``'s ``nth`` ``label``.

        ``choice`` names the task or event that runs instead; for an integer it is empty and
        ``value`` is what was drawn. Watching this event makes the run a traced one
        (:attr:`Scheduler.traced`).
        """

    def touched(self, obj: object, write: bool) -> None:
        """The step or event under way touches ``obj`` as well, which its label does not say."""

    def event_fired(self, event: Event) -> None:
        """``event`` is about to take effect."""

    def task_blocked(self, task: Task, resource: Resource) -> None:
        """``task`` cannot continue until ``resource`` lets it."""

    def task_ended(self, task: Task) -> None:
        """``task``'s program returned."""

    def lock_wanted(self, task: Task, lock: Lock, sleeps: bool) -> None:
        """``task`` is about to take ``lock`` and would sleep for it if ``sleeps``."""

    def lock_taken(self, task: Task, lock: Lock, shared: bool, tried: bool) -> None:
        """``task`` now holds ``lock``; ``tried`` if it would not have waited."""

    def lock_released(self, task: Task, lock: Lock) -> None:
        """``task`` no longer holds ``lock``."""

    def awaited(self, task: Task, kind: str, name: str) -> None:
        """``task`` waits, or might have had to, for something that is not a lock.

        ``kind`` is its class (``writeback``), as a lock's is; it need not sleep for it.
        """

    def sleeping(self, task: Task, resource: Resource) -> None:
        """``task`` waits, or might have had to, for something that is not a lock."""


_Pick = Callable[[Handlers], Handlers]
_Plan = tuple[dict[str, Handlers], list[list[str]], list[tuple[str, _Pick]]]


@cache
def _plan(vocabulary: Hashable, kinds: tuple[Hashable, ...]) -> _Plan:
    """The events of ``vocabulary``, without handlers; for each of ``kinds`` what it watches.

    And for each event that is watched, how to pick its handlers from those of all the watchers.
    """
    defaults = {
        name: getattr(vocabulary, name) for name in dir(vocabulary) if not name.startswith("_")
    }
    watched = [
        [name for name, default in defaults.items() if getattr(kind, name, default) is not default]
        for kind in kinds
    ]
    places: dict[str, list[int]] = {}
    for place, name in enumerate(chain.from_iterable(watched)):
        places.setdefault(name, []).append(place)
    picks: list[tuple[str, _Pick]] = [
        # Of one place, a getter returns what is there, and not a tuple of that.
        (name, itemgetter(*at) if len(at) > 1 else itemgetter(slice(at[0], at[0] + 1)))
        for name, at in places.items()
    ]
    return dict.fromkeys(defaults, ()), watched, picks


class Bus:
    """The compiled handlers of some watchers: one attribute per event of the vocabulary."""

    __slots__ = ("__dict__", "_silence")

    def __init__(
        self, watchers: Sequence[Watcher] = (), *, vocabulary: type[Watcher] = Watcher
    ) -> None:
        kinds = cast("tuple[Hashable, ...]", tuple([type(w) for w in watchers]))
        self._silence, watched, picks = _plan(cast("Hashable", vocabulary), kinds)
        table = self.__dict__
        table.update(self._silence)
        # Every run has a bus, with some seventy handlers.
        handlers = tuple(
            [getattr(w, name) for w, names in zip(watchers, watched, strict=True) for name in names]
        )
        for name, pick in picks:
            table[name] = pick(handlers)

    def close(self) -> dict[str, Handlers]:
        """Announce nothing any more (a run that was stopped is being cleaned up).

        Returns what :meth:`reopen` needs.
        """
        table = self.__dict__.copy()
        self.__dict__.update(self._silence)
        return table

    def reopen(self, table: dict[str, Handlers]) -> None:
        """Undo a :meth:`close`."""
        self.__dict__.update(table)

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Handlers: ...


__all__ = ["Bus", "Handlers", "Watcher"]
