"""A controlled scheduler on trio: one decision at a time, and every decision is yours.

Knows nothing of memory. Any async function that uses these primitives can be put under it::

    from fuzzcopy import sched

    def program(s):
        a, b = sched.Mutex(s, "mutex", "a"), sched.Mutex(s, "mutex", "b")

        async def worker(first, second):
            async with first, second:
                await s.point("work")

        s.spawn(worker, a, b)
        s.spawn(worker, b, a)

    for done in sched.run_many(program, (sched.RandomWalk(seed) for seed in range(100))):
        print(done.failure)
"""

from fuzzcopy.sched.cell import Cell as Cell
from fuzzcopy.sched.driver import Driver as Driver
from fuzzcopy.sched.driver import drive as drive
from fuzzcopy.sched.errors import Crash as Crash
from fuzzcopy.sched.errors import Deadlock as Deadlock
from fuzzcopy.sched.errors import ForeignAwait as ForeignAwait
from fuzzcopy.sched.errors import Livelock as Livelock
from fuzzcopy.sched.errors import Nondeterminism as Nondeterminism
from fuzzcopy.sched.errors import Problem as Problem
from fuzzcopy.sched.errors import StepLimit as StepLimit
from fuzzcopy.sched.errors import Stuck as Stuck
from fuzzcopy.sched.errors import Verdict as Verdict
from fuzzcopy.sched.locks import Lock as Lock
from fuzzcopy.sched.locks import Mutex as Mutex
from fuzzcopy.sched.locks import RwLock as RwLock
from fuzzcopy.sched.locks import SpinLock as SpinLock
from fuzzcopy.sched.missed import Missed as Missed
from fuzzcopy.sched.policies.delay_bounded import DelayBounded as DelayBounded
from fuzzcopy.sched.policies.determinism import Compared as Compared
from fuzzcopy.sched.policies.determinism import Recorded as Recorded
from fuzzcopy.sched.policies.pct import Pct as Pct
from fuzzcopy.sched.policies.policy import Policy as Policy
from fuzzcopy.sched.policies.portfolio import portfolio as portfolio
from fuzzcopy.sched.policies.pos import Pos as Pos
from fuzzcopy.sched.policies.random_walk import RandomWalk as RandomWalk
from fuzzcopy.sched.policies.replay import Deviation as Deviation
from fuzzcopy.sched.policies.replay import Recorder as Recorder
from fuzzcopy.sched.policies.replay import Replay as Replay
from fuzzcopy.sched.policies.sparse import Sparse as Sparse
from fuzzcopy.sched.policies.turns import Turns as Turns
from fuzzcopy.sched.policies.urw import Urw as Urw
from fuzzcopy.sched.run import run as run
from fuzzcopy.sched.run import run_many as run_many
from fuzzcopy.sched.scheduler import Scheduler as Scheduler
from fuzzcopy.sched.task import Choice as Choice
from fuzzcopy.sched.task import Event as Event
from fuzzcopy.sched.task import State as State
from fuzzcopy.sched.task import Task as Task
from fuzzcopy.sched.waitgraph import Resource as Resource
from fuzzcopy.sched.waitgraph import Wait as Wait
from fuzzcopy.sched.waits import Completion as Completion
from fuzzcopy.sched.waits import WaitQueue as WaitQueue
from fuzzcopy.sched.watch import Bus as Bus
from fuzzcopy.sched.watch import Watcher as Watcher
