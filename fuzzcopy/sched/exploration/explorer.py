"""Depth first through the schedules of one program: one run after the other, none kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from fuzzcopy.sched.errors import Nondeterminism, Problem, StepLimit
from fuzzcopy.sched.exploration.footprint import Footprint
from fuzzcopy.sched.exploration.node import Node
from fuzzcopy.sched.exploration.races import Races, Transition
from fuzzcopy.sched.exploration.script import Script
from fuzzcopy.sched.policies.policy import Policy
from fuzzcopy.sched.task import Choice, Event, State, Task
from fuzzcopy.sched.watch import Watcher

if TYPE_CHECKING:
    from fuzzcopy.sched.scheduler import Scheduler


class Pruned(Problem):
    """The run came to where all that could follow was seen already."""


class Explorer(Policy):
    """A policy that leads every run of one program along another path, until there is none left.

    Every run needs ``watchers`` on its bus and :meth:`ended` after its end. ``preemptions`` bounds
    how often a path takes the turn from a task that could go on; events cost nothing. Without
    ``reduction`` every schedule is run, however alike.

    ``skipped`` becomes true when a path was not taken because of the bound, ``cut`` counts the
    runs that ended at the step limit: then not all was seen.
    """

    labelled = True

    def __init__(
        self,
        *,
        preemptions: int | None = None,
        reduction: bool = True,
        footprint: Footprint | None = None,
    ) -> None:
        self.skipped = False
        self.cut = 0
        self.bound = preemptions
        self._reduction = reduction
        self.footprint = Footprint() if footprint is None else footprint
        self.watchers: Sequence[Watcher] = (_Ending(self), self.footprint)
        self._stack: list[Node] = []
        self._fresh = 0  # nodes of the stack that the run before went through in the same way

    # -- what the scheduler calls -----------------------------------------------------------

    def begin(self, scheduler: Scheduler) -> None:
        super().begin(scheduler)
        self._depth = 0
        self._run: list[Transition] = []
        self.footprint.begin()
        self._spent = 0

    def choose(self, enabled: Sequence[Choice], current: Task | None) -> int:
        names = [choice.name for choice in enabled]
        if self._depth == len(self._stack):
            self._stack.append(self._new_node(enabled, current))
        node = self._stack[self._depth]
        self._depth += 1
        if node.bound or list(node.enabled) != names:
            self._diverged(f"{', '.join(node.enabled)} could happen and now {', '.join(names)}")
        if not node.pick:
            self.scheduler.fail(Pruned())
        self._spent = node.spent + node.cost(node.pick)
        self.transition(node.pick, node)
        return names.index(node.pick)

    def integer(self, label: str, bound: int) -> int:
        if self._depth == len(self._stack):
            self._stack.append(Node.number(bound, self._spent))
        node = self._stack[self._depth]
        self._depth += 1
        if node.bound != bound:
            self._diverged(f"a number below {node.bound} was drawn and now one below {bound}")
        return int(node.pick)

    def _diverged(self, how: str) -> None:
        self.scheduler.fail(
            Nondeterminism(
                f"one schedule was run twice: {how}. Look for sets, hash(), id(), time or random "
                f"in the program"
            )
        )

    def _new_node(self, enabled: Sequence[Choice], current: Task | None) -> Node:
        node = Node(enabled, current, self._spent)
        if not self._reduction:
            node.add_all()
        else:
            self._fall_asleep(node)
            # What need never happen is no part of the longest path: it is tried everywhere, first,
            # and then sleeps until something touches what it touches.
            for name in node.optional:
                node.add(name)
            node.todo += [n for n in node.enabled if self._may(node, n) and n not in node.todo][:1]
        node.pick = self._next(node) or ""
        return node

    def _fall_asleep(self, node: Node) -> None:
        """What sleeps at the new node: with a bound on preemptions, events alone.

        An event costs nothing wherever it happens; a task that runs earlier may cost more.
        """
        parent = next((n for n in reversed(self._stack) if not n.bound), None)
        if parent is None or not self._run:
            return
        asleep = parent.asleep_after(self._run[-1].accesses)
        node.asleep = {
            name: accesses
            for name, accesses in asleep.items()
            if name in node.enabled and (self.bound is None or name not in parent.tasks)
        }

    def _may(self, node: Node, name: str) -> bool:
        if name in node.optional or name in node.asleep:
            return False
        return self.bound is None or node.spent + node.cost(name) <= self.bound

    def transition(self, who: str, node: Node | None) -> None:
        """``who`` goes on, or happens, from here."""
        self._run.append(Transition(who, node, self.footprint.begin()))

    # -- between the runs -------------------------------------------------------------------

    def ended(self, scheduler: Scheduler) -> bool:
        """A run is over; false if it only repeated the end of one that was there before."""
        failure = scheduler.failure
        pruned = isinstance(failure, Pruned)
        if scheduler.fair:
            self.cut += 1
        for transition in self._run:
            if transition.node is not None:
                touched = transition.node.touched
                for key, write in transition.accesses.items():
                    touched[key] = write or touched.get(key, False)
        if self._reduction:
            # What was decided as in the run before was looked at then. A new number belongs to the
            # transition under way.
            choices = sum(not node.bound for node in self._stack[: self._fresh])
            first = choices - bool(self._stack[self._fresh].bound) if self._stack else 0
            Races(self._run, bounded=self.bound is not None).add(
                first, failed=failure is not None and not pruned
            )
        return not pruned

    @staticmethod
    def fatal(failure: BaseException | None) -> bool:
        """Whether nothing that follows would mean anything; an undecided run is only counted."""
        return isinstance(failure, Problem) and not isinstance(failure, StepLimit)

    def advance(self) -> bool:
        """Go to the next path; false if there is none."""
        stack = self._stack
        while stack:
            node = stack[-1]
            if node.pick:
                node.tried()
            node.pick = self._next(node) or ""
            if node.pick:
                self._fresh = len(stack) - 1
                return True
            stack.pop()
        return False

    def _next(self, node: Node) -> str | None:
        for name in node.todo:
            if name in node.done or name in node.asleep:
                continue
            if self.bound is not None and node.spent + node.cost(name) > self.bound:
                self.skipped = True
                continue
            return name
        return None

    def script(self) -> Script:
        """The path of the last run, as a policy of its own."""
        return Script([node.pick for node in self._stack[: self._depth]])

    def policies(self) -> Iterator[Policy]:
        """Itself, as often as there is another path."""
        yield self
        while self.advance():
            yield self


RUNNING = "running"
"""Written by the end of a task, read by events: after the last end hardware does nothing of its own
accord, and what is pending happens in the order it was posted."""


class _Ending(Watcher):
    """Sees what has to do with the end of a run.

    When all tasks have ended, the events still pending happen without anybody being asked.
    """

    def __init__(self, explorer: Explorer) -> None:
        self._explorer = explorer

    def task_ended(self, task: Task) -> None:
        if self._explorer.scheduler._agenda.events:
            self._explorer.footprint.accesses[RUNNING] = True

    def event_fired(self, event: Event) -> None:
        explorer = self._explorer
        if explorer.scheduler.current is None and all(
            task.state in (State.BLOCKED, State.DONE) for task in explorer.scheduler.tasks
        ):
            explorer.transition(event.name, None)
        explorer.footprint.accesses.setdefault(RUNNING, False)
