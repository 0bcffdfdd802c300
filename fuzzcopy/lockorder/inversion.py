"""Two orders that contradict each other."""

from __future__ import annotations

from dataclasses import dataclass

from fuzzcopy.lockorder.dependency import Edge
from fuzzcopy.sched import Verdict

_NOT_LOCKS = {"ipi": "IPI acknowledgement", "io": "I/O completion", "writeback": "writeback end"}


def class_name(kind: str) -> str:
    """What a report calls a class: ``page lock``, ``IPI acknowledgement``."""
    return _NOT_LOCKS.get(kind, kind if kind == "completion" else f"{kind} lock")


@dataclass(frozen=True, slots=True)
class Inversion:
    """A cycle of lock classes: each edge holds one and wants the next, the last the first.

    ``needs_writer`` are the classes that are held and wanted shared: that blocks only while a
    writer is queued between. That there is a writer somewhere is taken for granted: else nobody
    would need the lock.
    """

    edges: tuple[Edge, ...]
    needs_writer: tuple[str, ...] = ()

    @property
    def kinds(self) -> tuple[str, ...]:
        """The classes of the cycle, from the one held first on; one class is a cycle of itself."""
        kinds = tuple(edge.hold.kind for edge in self.edges)
        return kinds[:1] if len(set(kinds)) == 1 else kinds

    @property
    def key(self) -> tuple[str, ...]:
        """The same for the same cycle, wherever one begins to read it."""
        kinds = self.kinds
        at = kinds.index(min(kinds))
        return kinds[at:] + kinds[:at]

    def __str__(self) -> str:
        kinds = self.kinds
        return " -> ".join(map(class_name, (*kinds, kinds[0])))

    def chains(self) -> list[str]:
        """One line per edge: who held what, what it went on to want, in which operation."""
        lines = [_chain(edge) for edge in self.edges]
        if self.needs_writer:
            classes = ", ".join(map(class_name, self.needs_writer))
            lines.append(f"they hang once a writer is queued for the {classes}")
        return lines


_HOW = {
    "takes": "takes",
    "waits": "waits for",
    "may fault": "touches user memory, where a page fault takes",
}


def _chain(edge: Edge) -> str:
    dependency = edge.dependency
    witness = dependency.witness
    at = dependency.holds.index(edge.hold)
    held, wanted = edge.hold.held(), edge.wanted.wanted()
    who = witness.actor or f"cpu{witness.cpu}"
    if witness.operation is not None:
        who += f" in {witness.operation}"
    if at >= len(dependency.holds) - dependency.faulting:
        return f"{who}: a page fault on its user memory holds {held} and takes {wanted}"
    if witness.places:
        held += _at(witness.places[at])
        wanted += _at(witness.places[-1])
    return f"{who}: holds {held}; {_HOW[dependency.how]} {wanted}"


def _at(place: str) -> str:
    return f" (at {place})" if place else ""


class LockOrderInversion(Verdict):
    """Locks were taken in orders that contradict each other, even if nothing hung."""

    kind = "lock-order inversion"

    def __init__(self, inversion: Inversion) -> None:
        self.inversion = inversion
        super().__init__(f"{inversion}: " + "; ".join(inversion.chains()))
