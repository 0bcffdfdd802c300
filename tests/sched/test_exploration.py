"""Exploration: all schedules, as few runs as possible, and no claim that is not earned."""

import random

import pytest

from fuzzcopy import sched
from fuzzcopy.sched.exploration import Footprint, explore

from .exploration_programs import random_program


class Announced(Footprint):
    """Events announce all that they touch, as those of the random programs do."""

    def event_fired(self, event):
        pass


def finals(seed, **how):
    """The verdicts and final states of a random program, and what its exploration came to."""
    met = set()
    setup, on_end, _ = random_program(random.Random(seed), met)
    return met, explore(setup, on_end=on_end, **how)


@pytest.mark.parametrize("bound", [None, 0, 1, 2])
def test_reduction_misses_nothing(bound):
    """The set of verdicts and final states equals that of all schedules, inside any bound."""
    compared = ran = saved = 0
    for seed in range(30):
        everything, full = finals(seed, reduction=False, preemptions=bound, max_schedules=400)
        if full.end == "stopped":
            continue
        footprint = Announced() if seed % 2 else Footprint()
        found, reduced = finals(seed, preemptions=bound, footprint=footprint)
        assert found == everything, seed
        assert reduced.end in ("exhausted", "bounded")
        compared += 1
        ran += reduced.schedules
        saved += full.schedules - reduced.schedules
    assert compared > 8
    assert saved > ran / 10


def counter(tasks=2, guard=False, extra=0):
    def program(s):
        total = sched.Cell(s, "total", 0)
        lock = sched.Mutex(s, "mutex", "lock")
        ended = []

        async def add():
            for _ in range(extra):
                await s.point("own work")
            if guard:
                await lock.acquire()
            await total.set(await total.get() + 1)
            if guard:
                lock.release()
            ended.append(1)
            if len(ended) == tasks:
                found = total.peek()
                assert found == tasks, "lost"

        for _ in range(tasks):
            s.spawn(add)

    return program


def test_a_failure_is_found_and_its_schedule_leads_there_again():
    explored = explore(counter())
    assert explored.end == "exhausted"
    verdict, script = explored.failures["crash"]
    again = sched.run(counter(), script)
    assert str(again.failure) == str(verdict)


def test_a_correct_program_is_exhausted():
    explored = explore(counter(guard=True))
    assert (explored.end, explored.failures) == ("exhausted", {})
    assert str(explored) == "exhausted"


def test_what_a_task_does_alone_costs_no_schedules():
    assert explore(counter(extra=20)).schedules == explore(counter()).schedules


def test_a_bound_is_named_and_keeps_failures_out():
    explored = explore(counter(), preemptions=0)
    assert (explored.end, explored.bound) == ("bounded", 0)
    assert not explored.failures
    assert explore(counter(), preemptions=1).failures


def test_a_bound_that_never_mattered_is_no_bound():
    def program(s):
        async def alone():
            await s.point("work")

        s.spawn(alone)

    assert explore(program, preemptions=0).end == "exhausted"


def test_spent_schedules_are_no_proof():
    explored = explore(counter(tasks=3), max_schedules=4)
    assert str(explored) == "stopped after 4"


def test_an_endless_run_is_no_proof():
    def program(s):
        flag = sched.Cell(s, "flag", False)

        async def spin():
            while not await flag.get():
                s.progress()

        async def raise_it():
            await flag.set(True)

        s.spawn(spin)
        s.spawn(raise_it)

    explored = explore(program, max_steps=30, max_schedules=200)
    assert explored.end == "stopped"


def test_the_first_failure_may_be_enough():
    every, first = explore(counter(tasks=3)), explore(counter(tasks=3), first=True)
    assert first.failures
    assert first.schedules < every.schedules
    assert first.end == "stopped"


def test_a_program_that_changes_from_run_to_run_is_named():
    runs = []

    def program(s):
        runs.append(1)
        shared = sched.Cell(s, "shared", 0)

        async def worker(name):
            await shared.set(name)

        for name in range(2 + len(runs) % 2):
            s.spawn(worker, name)

    assert isinstance(explore(program).problem, sched.Nondeterminism)
