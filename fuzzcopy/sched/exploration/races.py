"""Which steps of a run could have happened the other way round, and where to try that.

Source sets of dynamic partial-order reduction: Abdulla, Aronis, Jonsson, Sagonas: "Optimal dynamic
partial order reduction", POPL 2014. With a bound on preemptions, plain backtrack sets with the
conservative points of Coons, Musuvathi, McKinley: "Bounded partial-order reduction", OOPSLA 2013:
without those a schedule inside the bound is missed if it only differs from one outside of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from fuzzcopy.sched.exploration.footprint import Accesses, Key
from fuzzcopy.sched.exploration.node import Node

Clock = dict[str, int]
"""How many transitions of each task or event are known to have happened before."""


@dataclass(slots=True)
class Transition:
    """What one task or event did between two decisions.

    ``node`` is the decision that let it happen: ``None`` for what happens after the end of all
    tasks, when nothing is decided any more.
    """

    who: str
    node: Node | None
    accesses: Accesses
    number: int = 0
    clock: Clock = field(default_factory=dict)


@dataclass(slots=True)
class _History:
    """Who touched an object: the last write, and the reads since."""

    write: int = -1
    reads: list[int] = field(default_factory=list)


class Races:
    """Looks through a run and adds to its nodes what has to be tried there."""

    def __init__(self, run: Sequence[Transition], *, bounded: bool) -> None:
        self._run = run
        self._bounded = bounded

    def add(self, first: int, *, failed: bool) -> None:
        """Look at the transitions from ``first`` on: those before were looked at already."""
        run = self._run
        clocks: dict[str, Clock] = {}
        objects: dict[Key, _History] = {}
        for at, transition in enumerate(run):
            who = transition.who
            clock = dict(clocks.get(who, ()))
            overtaken = []
            for before in sorted(self._candidates(transition, objects), reverse=True):
                other = run[before]
                if clock.get(other.who, 0) < other.number:
                    overtaken.append(before)
                    _join(clock, other.clock)
            transition.number = clock.get(who, 0) + 1
            clock[who] = transition.number
            transition.clock = clock
            clocks[who] = clock
            if at >= first:
                for before in overtaken:
                    self._race(before, at)
            for key, write in transition.accesses.items():
                history = objects.setdefault(key, _History())
                if write:
                    history.write = at
                    history.reads = []
                else:
                    history.reads.append(at)
            self._enabling(at, clocks, first)
        if failed and run:
            # What could still have run was cut off: it runs before the end another time.
            node = self._choice(len(run) - 1)
            if node is not None:
                for name in node.enabled:
                    self._try(len(run) - 1, name)

    @staticmethod
    def _candidates(transition: Transition, objects: dict[Key, _History]) -> set[int]:
        found: set[int] = set()
        for key, write in transition.accesses.items():
            history = objects.get(key)
            if history is not None:
                if write and history.reads:
                    found.update(history.reads)
                elif history.write >= 0:
                    found.add(history.write)
        return found

    def _enabling(self, at: int, clocks: dict[str, Clock], first: int) -> None:
        """Whoever can run only since this transition comes after it; whoever no longer can, races.

        Taking a lock stops those who were about to, a CPU in an instruction takes no interrupt.
        """
        transition = self._run[at]
        node = transition.node
        if node is None:
            return
        after = self._run[at + 1] if at + 1 < len(self._run) else None
        if after is None:
            return
        if after.node is None:
            # Pending when all had ended: posted at some time, at the latest by this transition.
            now: tuple[str, ...] = tuple(t.who for t in self._run[at + 1 :])
            for name in now:
                if name not in node.enabled:
                    clocks[name] = _joined(clocks.get(name, {}), transition.clock)
            return
        now = after.node.enabled
        if now == node.enabled:
            return
        for name in now:
            if name not in node.enabled and name != transition.who:
                clocks[name] = _joined(clocks.get(name, {}), transition.clock)
        if at >= first:
            for name in node.enabled:
                if name not in now and name != transition.who:
                    self._try(at, name)

    def _race(self, before: int, at: int) -> None:
        node = self._run[before].node
        if node is None or self._bounded:
            self._try(before, self._run[at].who)
            return
        initials = self._initials(before, at)
        if any(name in node.todo or name in node.asleep for name in initials):
            return
        who = self._run[at].who
        node.add(who if who in initials else initials[0])

    def _initials(self, before: int, at: int) -> list[str]:
        """Who could begin a run in which ``at`` comes before ``before``, all else being equal."""
        run = self._run
        other = run[before]
        begun: dict[str, int] = {}
        initials = []
        for i in range(before + 1, at + 1):
            transition = run[i]
            clock = transition.clock
            if i != at and clock.get(other.who, 0) >= other.number:
                continue  # it comes after the one that shall be overtaken
            who = transition.who
            if who not in begun:
                if all(clock.get(name, 0) < number for name, number in begun.items()):
                    initials.append(who)
                begun[who] = transition.number
        return initials

    def _choice(self, at: int) -> Node | None:
        """The last real decision at or before a transition."""
        while at >= 0 and self._run[at].node is None:
            at -= 1
        return self._run[at].node if at >= 0 else None

    def _try(self, at: int, name: str) -> None:
        """Let ``name`` run before the transition ``at``."""
        node = self._choice(at)
        if node is None:
            return
        if self._run[at].node is None:
            node.add_all()
        else:
            node.add(name)
        if self._bounded:
            self._conservative(at, name)

    def _conservative(self, at: int, name: str) -> None:
        """Let it run, too, before the whole stretch of which ``at`` is a part: for nothing."""
        run = self._run
        while at > 0 and run[at].node is None:
            at -= 1
        running = run[at].who
        node = run[at].node
        if node is not None and running not in node.tasks:
            running = node.current or running
        while at > 0:
            at -= 1
            earlier = run[at].node
            assert earlier is not None
            if run[at].who != running and run[at].who in earlier.tasks:
                break
            # Events cost nothing: the switch may come before them or after.
            if not earlier.cost(name):
                earlier.add(name)


def _join(clock: Clock, other: Clock) -> None:
    for who, number in other.items():
        if clock.get(who, 0) < number:
            clock[who] = number


def _joined(clock: Clock, other: Clock) -> Clock:
    both = dict(clock)
    _join(both, other)
    return both
