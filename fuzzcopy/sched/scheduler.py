"""One decision at a time: who runs next, and what the hardware does meanwhile.

Exactly one task runs; it holds the *baton*. At a preemption point it asks the policy who goes
next. If the answer is "me" it simply goes on, without yielding to trio; otherwise it parks, and the
chosen task is woken. Trio's own ordering never decides anything.

The commonest thing the program does is to be told "continue". So :meth:`Scheduler.turn` is a
plain function that counts the step, notes what is about to happen and compares two integers:
``_horizon`` is the first step at which anything has to be decided.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn

import trio
from trio.lowlevel import current_task, reschedule, wait_task_rescheduled

from fuzzcopy.sched.agenda import NOBODY, Agenda, helps
from fuzzcopy.sched.crew import END, GO_ON, Crew
from fuzzcopy.sched.errors import (
    Crash,
    Deadlock,
    ForeignAwait,
    Livelock,
    StepLimit,
    Unwind,
    Verdict,
)
from fuzzcopy.sched.guard import guarded, place_of
from fuzzcopy.sched.policies.fair import Fair
from fuzzcopy.sched.task import Event, State, Task
from fuzzcopy.sched.waitgraph import all_waits, find_cycle
from fuzzcopy.sched.watch import Bus, Handlers
from fuzzcopy.sched.whereabouts import Whereabouts

if TYPE_CHECKING:
    from fuzzcopy.sched.locks import Lock
    from fuzzcopy.sched.policies.policy import Policy
    from fuzzcopy.sched.waitgraph import Resource

PENDING = "pending events"


class Scheduler:
    """Runs tasks one at a time, in the order that ``policy`` decides.

    ``max_steps`` preemption points may be passed under the policy. Then the *fair phase*
    begins: every event is delivered, hazards are over and the tasks take turns. If nobody calls
    :meth:`progress` for ``fair_steps`` further points, that is a livelock; if somebody does
    but there is no end in sight, the run is undecided.
    """

    def __init__(
        self,
        policy: Policy,
        *,
        bus: Bus | None = None,
        max_steps: int = 5_000,
        fair_steps: int = 1_000,
    ) -> None:
        self.policy = policy
        self.bus = bus = Bus() if bus is None else bus
        self.steps = 0
        self.progressed = 0  # how often somebody said so
        self.entities = 0  # tasks and events so far
        self.asked = 0  # for how many numbers the policy was asked
        self.tasks: list[Task] = []
        self._names: set[str] = set()
        self.current: Task | None = None
        self.failure: BaseException | None = None
        self.stopped = False
        self._dismissing = False
        self._interrupted = False
        self._muted: dict[str, Handlers] = {}
        self.locks: list[Lock] = []  # every lock there is, for who adds up at the end
        self.spinning: list[Lock] = []  # the spin locks that are held now
        self._agenda = Agenda()
        self._crew: Crew | None = None
        self._next: Task | None = None
        #: The current task is about to give the baton away. Else it suspends for something foreign.
        self.on_the_move = False
        self._max_steps = max_steps
        self._fair_steps = fair_steps
        self._limit = max_steps
        self._end = 0  # of the fair phase, once it has begun
        #: Whether this run is *traced*: the labels that tasks come by are counted, and it is noted
        #: where locks are taken. Nothing else at a point costs more; steps can be watched without.
        self.traced = bool(bus.decided) or policy.labelled
        self._stepwise = bool(bus.step) or self.traced
        self._whereabouts = Whereabouts(bus) if self.traced else None
        self._horizon = 0
        self._contested = 0  # steps so far at which there was a choice, up to _since
        self._crowded = False
        self._since = 0
        self.lengths: dict[str, int] = {}  # once the run is over: points passed, by task name
        self._switched = 0  # the step at which the current task began to run
        self._steady = policy.steady and not self._stepwise
        policy.begin(self)

    # -- what programs call -------------------------------------------------------------

    async def point(self, kind: str, obj: object = None, *, write: bool = False) -> None:
        """A preemption point: another task may run, an event may happen, before ``kind``.

        ``kind`` and ``obj`` make the label; ``obj`` and ``write`` are the footprint.
        """
        if self.turn(kind, obj, write):
            await self.pass_baton()

    def integer(self, label: str, bound: int) -> int:
        """Something nondeterministic from ``0`` to ``bound - 1``; 0 is nothing special."""
        if bound < 2 or self._agenda.calm:
            return 0
        self.asked += 1
        if self._whereabouts is None:
            return self.policy.integer(label, bound)
        return self._whereabouts.integer(self.current, label, bound, self.policy)

    def progress(self) -> None:
        """Say that the run got somewhere; a run that never does is a livelock."""
        self.progressed += 1
        if self._agenda.calm:
            self._limit = min(self.steps + self._fair_steps, self._end)

    def fail(self, verdict: BaseException) -> NoReturn:
        """End the run with ``verdict``; the first one counts."""
        self._stop(verdict)
        raise Unwind

    def spawn(
        self,
        program: Callable[..., Coroutine[Any, Any, object]],
        *args: object,
        name: str = "",
        daemon: bool = False,
    ) -> Task:
        """Add a task. It starts when the policy first chooses it.

        A ``daemon`` may still be blocked when everything else has ended. Raises ``ValueError`` if
        the name is taken.
        """
        index = len(self.tasks)
        name = name or f"task{index}"
        if name in self._names:
            raise ValueError(f"there is a task {name!r} already: schedules go by names")
        self._names.add(name)
        task = Task(index, name, partial(program, *args), daemon)
        self.entities += 1
        self.tasks.append(task)
        self._agenda.add(task)
        self._changed()
        return task

    def touch(self, obj: object, write: bool = True) -> None:
        """Say that the current step or event touches ``obj`` beside what its label names.

        Only exploration cares: it relies on knowing all that a step touches.
        """
        for tell in self.bus.touched:
            tell(obj, write)

    # -- what primitives call -----------------------------------------------------------

    def turn(self, kind: str, obj: object, write: bool) -> bool:
        """A preemption point in two halves: if true, ``await pass_baton()`` at once.

        Split so that "continue" costs one plain call and no coroutine.
        """
        self.steps = steps = self.steps + 1
        if steps < self._horizon:
            # Nobody looks at the label of a task that simply goes on, so it is not kept.
            return False
        me = self.current
        assert me is not None
        me.kind = kind
        me.obj = obj
        me.write = write
        return self._decide(me)

    async def pass_baton(self) -> None:
        """Let the task chosen by the last :meth:`turn` run, and wait to be chosen again."""
        me = self.current
        assert me is not None
        if current_task() is not me.trio_task:
            self.fail(ForeignAwait(f"a trio task that is not under the scheduler runs beside {me}"))
        me.passed += self.steps - self._switched
        self._switched = self.steps
        self.on_the_move = True  # guarded() hands over, once this has let go
        try:
            await wait_task_rescheduled(partial(self._cancelled, me))
        except BaseException:
            self.on_the_move = False  # it may have come to nothing
            raise
        if self._stepwise and me.state is State.READY and me.waiting is None:
            self._tell_step(me)

    async def block(self, resource: Resource) -> None:
        """Take the current task out of the running until somebody calls :meth:`wake` on it."""
        if self.stopped:
            raise Unwind
        me = self.current
        assert me is not None
        me.state = State.BLOCKED
        me.waiting = resource
        self._agenda.remove(me)
        self._changed()
        for tell in self.bus.task_blocked:
            tell(me, resource)
        cycle = find_cycle(me)
        if cycle:
            self.fail(Deadlock(cycle, cycle=True))
        if self._whereabouts is not None:
            self._whereabouts.at(me, f"wait {resource}")
        if self._choose_other(me):
            await self.pass_baton()
        me.waiting = None

    def wake(self, task: Task) -> None:
        """Let a blocked task be chosen again."""
        if task.state is State.BLOCKED:
            task.state = State.READY
            self._agenda.add(task)
            self._changed()

    def unwake(self, task: Task) -> None:
        """Take back a :meth:`wake` that the task has not used yet."""
        if task.state is State.READY:
            task.state = State.BLOCKED
            self._agenda.remove(task)
            self._changed()

    def post(self, event: Event) -> Event:
        """Let the policy choose ``event`` from now on.

        If another one of its name is pending (two reads of one block), it gets a number, so that a
        schedule can tell them apart.
        """
        if not event.spontaneous:
            self.touch(PENDING)  # those left over at the end happen in the order of posting
        self.entities += 1
        self._agenda.post(event)
        self._changed()
        return event

    def withdraw(self, event: Event) -> None:
        """Forget a posted event; nothing happens if it is not pending."""
        if event in self._agenda.events:
            self._agenda.withdraw(event)
            self._changed()

    def enable(self, event: Event, enabled: bool) -> None:
        """Whether a posted event can happen just now."""
        if self._agenda.enable(event, enabled):
            self._changed()

    # -- what policies and reports ask ----------------------------------------------------

    @property
    def fair(self) -> bool:
        """Whether the fair phase has begun."""
        return self._agenda.calm

    def contested(self) -> int:
        """How many points so far offered a choice, events that happened among them: PCT's *k*."""
        return self._contested + (self.steps - self._since if self._crowded else 0)

    def passed(self, task: Task) -> int:
        """How many preemption points ``task`` has passed so far."""
        running = self.steps - self._switched if task is self.current else 0
        return task.passed + running

    def where(self) -> tuple[Task, str, int]:
        """The decision being made: the task, its label, and the how-manieth time it is there.

        Known in traced runs only.
        """
        assert self._whereabouts is not None
        return self._whereabouts.place()

    def interrupt(self) -> None:
        """End the run with ``KeyboardInterrupt`` at its next preemption point.

        Only notes it down, so a signal handler may call it between any two instructions.
        """
        self._interrupted = True
        self._limit = self._horizon = 0

    def dispose(self) -> None:
        """Let go of everything, so that it goes away at once and not with the next collection."""
        self.bus.close()
        self.tasks.clear()
        self.locks.clear()
        self.spinning.clear()
        self._agenda.clear()
        self._next = self.current = None
        del self.policy  # which knows this scheduler

    # -- deciding ---------------------------------------------------------------------------

    def _changed(self) -> None:
        agenda = self._agenda
        crowded = len(agenda.ready) + agenda.offers > 1
        if crowded is not self._crowded:
            if self._crowded:
                self._contested += self.steps - self._since
            self._since = self.steps
            self._crowded = crowded
            self._horizon = 0
        elif not self._steady:  # a steady policy's answer does not depend on what the choices are
            self._horizon = 0

    def _decide(self, me: Task) -> bool:
        if self.stopped:
            raise Unwind
        if self.steps >= self._limit:
            self._beyond_limit()
        whereabouts = self._whereabouts
        if whereabouts is not None:
            whereabouts.at(me, me.label)
        policy = self.policy
        agenda = self._agenda
        while True:
            choices = agenda.known.get(me.index) or agenda.choices(me)
            if len(choices) == 1 and not policy.labelled:
                self._horizon = self._limit
                break
            pick = policy.choose(choices, me)
            if pick == 0:
                horizon = self.steps + 1 + policy.quiet()
                self._horizon = horizon if horizon < self._limit else self._limit
                break
            choice = choices[pick]
            if whereabouts is not None and not self.fair:
                whereabouts.chosen(choice.name)
            if isinstance(choice, Task):
                self._next = choice
                return True
            self._contested += 1  # an event is a step of its own: what follows is decided anew
            self._fire(choice)
        if self._stepwise:
            self._horizon = 0
            self._tell_step(me)
        return False

    def _choose_other(self, me: Task | None) -> bool:
        """Choose a task when ``me`` cannot go on; false if events made it ``me`` after all."""
        agenda = self._agenda
        whereabouts = self._whereabouts
        while True:
            choices = agenda.known.get(NOBODY) or agenda.choices(None)
            if not agenda.ready and not any(helps(event) for event in choices):
                self._nothing_runs()
            pick = 0
            if len(choices) > 1:
                if me is not None:
                    # A point like any other, with a number of its own; who begins is 0.
                    self._contested += 1
                    self._horizon = 0
                pick = self.policy.choose(choices, None)
            elif self.policy.labelled:
                pick = self.policy.choose(choices, None)
            choice = choices[pick]
            if pick and whereabouts is not None and not self.fair:
                whereabouts.chosen(choice.name)
            if isinstance(choice, Task):
                self._changed()
                self._next = choice
                return choice is not me
            self._fire(choice)
            if whereabouts is not None:
                whereabouts.again()  # the next choice is one, even if this was the default

    def _tell_step(self, task: Task) -> None:
        for tell in self.bus.step:
            tell(task, task.kind, task.obj, task.write)

    def _fire(self, event: Event) -> None:
        self._agenda.fired(event)
        self._changed()
        for tell in self.bus.event_fired:
            tell(event)
        event.fire()
        if self.stopped:
            raise Unwind  # it stopped the run without raising anything here

    def _nothing_runs(self) -> NoReturn:
        stuck = [t for t in self.tasks if t.state is State.BLOCKED and not t.daemon]
        if not stuck:
            self._dismiss_daemons()
            raise Unwind
        self.fail(Deadlock(all_waits(stuck), cycle=False))

    def _beyond_limit(self) -> None:
        if self._interrupted:
            self._stop(KeyboardInterrupt())
            raise Unwind
        if not self.fair:
            self._agenda.calm_down()
            self.policy = Fair()
            self.policy.begin(self)
            self._limit = self.steps + self._fair_steps
            self._end = self.steps + 50 * self._fair_steps
            self._steady = False
            self._changed()
        elif self.steps >= self._end:
            self.fail(StepLimit(f"still running after {self.steps} steps"))
        else:
            busy = [t for t in self.tasks if t.state is State.READY and not t.daemon]
            doing = ", ".join(f"{t.name} at {t.label}" for t in busy)
            self.fail(Livelock(f"no progress in {self._fair_steps} fair steps: {doing}"))

    # -- the trio side ------------------------------------------------------------------------

    async def run(self, crew: Crew) -> None:
        """Run every task to its end, then deliver the events still pending.

        Must be awaited inside ``trio.run``. Leaves what happened in ``failure``: ``None``, a
        :class:`Verdict`, a :class:`Problem`, or what else interrupted it.
        """
        self._crew = crew
        if self.tasks:
            try:
                self._choose_start()
                self.hand_over()
            except BaseException as error:
                self._failed("the start", error)
            await crew.finished()
            self.lengths = {task.name: task.passed for task in self.tasks}
            if self._dismissing and self.failure is None:
                self.stopped = False
                self.bus.reopen(self._muted)
        if not self.stopped:
            try:
                self.drain()
            except BaseException as error:
                self._failed("an event after the end", error)

    def _failed(self, who: object, error: BaseException | None) -> None:
        """End the run with what is being raised, each kind in its own way."""
        if isinstance(error, BaseExceptionGroup):  # a nursery of trio's, on the way down
            _, error = error.split((Unwind, trio.Cancelled))
        if error is None or isinstance(error, Unwind):
            return
        told = isinstance(error, Exception | SystemExit)  # exit() is no way out for a program
        if self.stopped and told:
            return  # who is being taken down, most without the baton, cannot clean up well
        if isinstance(error, Verdict):
            self._stop(error)
        elif told:
            crash = Crash(f"{who}: {type(error).__name__}: {str(error) or place_of(error)}")
            crash.__cause__ = error
            self._stop(crash)
        elif isinstance(error, trio.Cancelled):
            raise error  # from abandon(), or from outside of the run
        else:
            self._stop(error)

    def drain(self) -> None:
        """Deliver every pending event that is not spontaneous, oldest first."""
        self.current = None
        while event := self._agenda.due():
            self._fire(event)

    def _choose_start(self) -> None:
        if self._whereabouts is not None:
            self._whereabouts.at(self.tasks[0], "begin")
        self._choose_other(None)

    def hand_over(self) -> None:
        """Wake the task that was chosen; it has the baton from here on."""
        chosen = self._next
        assert chosen is not None
        self.current = chosen
        self.on_the_move = False
        if chosen.trio_task is None:
            assert self._crew is not None
            self._crew.begin(self, chosen)
        else:
            reschedule(chosen.trio_task, GO_ON)
            chosen.parked = False

    async def perform(self, task: Task) -> None:
        """Run the program of ``task``, which has the baton, in the current trio task.

        A task that begins where another one ends runs in the same: that needs no switch.
        """
        here = current_task()
        beginner: Task | None = task
        while beginner is not None:
            task, beginner = beginner, None
            task.state = State.READY
            task.trio_task = here
            try:
                if not self.stopped:
                    task.result = await guarded(self, task)
                    if not self.stopped:  # else it swallowed what should take it down
                        beginner = self._ended(task)
            except BaseException as error:
                self._failed(task, error)
            finally:
                task.trio_task = None
                if self.stopped:
                    self._take_down()

    def _ended(self, task: Task) -> Task | None:
        """Let another task run; it is returned if it has yet to begin."""
        task.passed += self.steps - self._switched
        self._switched = self.steps
        task.state = State.DONE
        self._agenda.remove(task)
        self._changed()
        for tell in self.bus.task_ended:
            tell(task)
        if self._whereabouts is not None:
            self._whereabouts.at(task, "end")
        if not self._agenda.ready and all(t.daemon or t.state is State.DONE for t in self.tasks):
            if any(t.state is not State.DONE for t in self.tasks):
                self._dismiss_daemons()
            return None
        for other in self.tasks:
            # Whoever waits for something that this task took with it waits for ever.
            if other.state is State.BLOCKED:
                cycle = find_cycle(other)
                if cycle:
                    self.fail(Deadlock(cycle, cycle=True))
        self._choose_other(task)
        chosen = self._next
        assert chosen is not None
        if chosen.trio_task is None:
            self.current = chosen
            return chosen
        self.hand_over()
        return None

    def abandon(self, problem: BaseException) -> None:
        """End the run with ``problem``: a task awaits what only trio can take it out of."""
        if not self.stopped:
            self._stop(problem)
        self._take_down()
        if self._crew is not None:
            self._crew.cancel()

    def _dismiss_daemons(self) -> None:
        """Take down the daemons, in silence; the run goes on to its good end."""
        self._dismissing = True
        self._muted = self.bus.close()
        self._no_more()

    def _stop(self, failure: BaseException) -> None:
        if self.failure is None:
            self.failure = failure
        self.bus.close()
        self._no_more()

    def _no_more(self) -> None:
        self.stopped = True
        self._horizon = 0

    def _take_down(self) -> None:
        """After the run was stopped: let every task that is parked in :meth:`pass_baton` end there.

        To raise there costs a switch. To cancel them is five times as much, and it costs the trio
        tasks that they run in. Who has the baton ends at its next point, and only then are the
        others woken: where it stopped the run there may be no room left on the stack.
        """
        for task in self.tasks:
            if task.parked:
                assert task.trio_task is not None
                reschedule(task.trio_task, END)
                task.parked = False

    def _cancelled(self, task: Task, _: object) -> trio.lowlevel.Abort:
        """Trio wants to wake ``task``, which is parked: the order is not trio's to decide."""
        waiting = task.waiting
        place = f"at {task.label}" if waiting is None else f"waiting for {waiting.description}"
        self._stop(
            ForeignAwait(
                f"{task}, {place}, was cancelled by a cancel scope of trio, "
                "which is not under the scheduler; let it return instead"
            )
        )
        self._take_down()
        return trio.lowlevel.Abort.FAILED  # it has been woken
