"""What can happen next: the tasks that are ready, and the events that are pending."""

from __future__ import annotations

from bisect import insort
from collections.abc import Sequence
from itertools import count
from operator import attrgetter

from fuzzcopy.sched.task import Choice, Event, Task

NOBODY = -1

_by_index = attrgetter("index")


class Agenda:
    """Both, in the order in which a policy is offered them.

    ``offers`` is how many of the events are enabled. ``known`` are the choices by the index of the
    task that comes first, as it is the current one; it is emptied when anything changes. Without
    this, every switch would build a list.
    """

    __slots__ = ("calm", "events", "known", "offers", "ready")

    def __init__(self) -> None:
        self.ready: list[Task] = []
        self.events: list[Event] = []
        self.offers = 0
        self.calm = False
        self.known: dict[int, Sequence[Choice]] = {}

    def choices(self, me: Task | None) -> Sequence[Choice]:
        """Everything that can happen, the default first.

        That is: go on with ``me``; else the lowest-numbered task; events last.
        """
        ready = self.ready
        choices: list[Choice]
        choices = [*ready]
        if me is not None and ready and ready[0] is not me:
            choices.remove(me)
            choices.insert(0, me)
        if self.offers:
            # The oldest is the default when no task can go on. A lasting one would stay the
            # oldest for ever, and what helps would never happen.
            lasting: list[Event] = []
            spontaneous: list[Event] = []
            for event in self.events:
                if event.enabled:
                    kind = spontaneous if event.spontaneous else lasting
                    (kind if event.lasting or event.spontaneous else choices).append(event)
            choices += lasting
            if not self.calm:
                choices += spontaneous
        self.known[NOBODY if me is None else me.index] = choices
        return choices

    def add(self, task: Task) -> None:
        """``task`` can run."""
        insort(self.ready, task, key=_by_index)
        self.known.clear()

    def remove(self, task: Task) -> None:
        """``task`` cannot run any more."""
        self.ready.remove(task)
        self.known.clear()

    def post(self, event: Event) -> None:
        """``event`` is pending; if another one of its name is, it gets a number."""
        taken = [pending.name for pending in self.events] if self.events else ()
        if event.name in taken:
            numbered = (f"{event.name} #{number}" for number in count(2))
            event.name = next(name for name in numbered if name not in taken)
        self.events.append(event)
        self.offers += event.enabled
        self.known.clear()

    def withdraw(self, event: Event) -> None:
        """``event``, which is pending, is so no more."""
        self.events.remove(event)
        self.offers -= event.enabled
        self.known.clear()

    def fired(self, event: Event) -> None:
        """``event`` happens; it stays pending if it is a lasting one.

        That is a change even if the choices are the same: Urw goes by whether the list is another
        one, and would choose alike for ever.
        """
        if event.lasting:
            self.known.clear()
        else:
            self.withdraw(event)

    def enable(self, event: Event, enabled: bool) -> bool:
        """Whether ``event`` can happen just now; true if that changes what can happen next."""
        if event.enabled is enabled:
            return False
        event.enabled = enabled
        if event not in self.events:
            return False
        self.offers += 1 if enabled else -1
        self.known.clear()
        return True

    def calm_down(self) -> None:
        """Nothing spontaneous happens from now on."""
        self.calm = True
        self.known.clear()

    def due(self) -> Event | None:
        """The oldest event that is bound to happen, and only once."""
        return next((event for event in self.events if event.enabled and helps(event)), None)

    def clear(self) -> None:
        """Forget everything."""
        self.ready.clear()
        self.events.clear()
        self.known.clear()


def helps(choice: Choice) -> bool:
    """Whether a blocked task may hope for this event: it is bound to happen, and only once."""
    return isinstance(choice, Event) and not choice.spontaneous and not choice.lasting
