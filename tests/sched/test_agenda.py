"""What can happen next, and in which order a policy is offered it."""

import pytest

from fuzzcopy.sched import Event, Task
from fuzzcopy.sched.agenda import Agenda


async def nothing():
    pass


def nop():
    pass


@pytest.fixture
def tasks():
    return [Task(index, f"task{index}", nothing, daemon=False) for index in range(3)]


@pytest.fixture
def agenda(tasks):
    agenda = Agenda()
    for task in reversed(tasks):
        agenda.add(task)
    return agenda


def names(choices):
    return [choice.name for choice in choices]


def test_who_runs_goes_on_by_default_and_the_others_follow_by_number(agenda, tasks):
    assert names(agenda.choices(tasks[1])) == ["task1", "task0", "task2"]


def test_if_nobody_can_go_on_it_is_the_lowest(agenda, tasks):
    agenda.remove(tasks[0])
    assert names(agenda.choices(None)) == ["task1", "task2"]


def test_events_come_last_and_what_need_not_happen_last_of_all(agenda, tasks):
    agenda.post(Event("whim", nop, spontaneous=True))
    agenda.post(Event("tick", nop, lasting=True))
    agenda.post(Event("read", nop))
    agenda.post(Event("write", nop))
    order = ["task0", "task1", "task2", "read", "write", "tick", "whim"]
    assert names(agenda.choices(tasks[0])) == order
    agenda.calm_down()
    assert names(agenda.choices(tasks[0])) == order[:-1]


def test_what_is_not_enabled_is_not_offered(agenda, tasks):
    event = Event("read", nop)
    agenda.post(event)
    assert agenda.enable(event, False)
    assert not agenda.enable(event, False)
    assert names(agenda.choices(tasks[0])) == ["task0", "task1", "task2"]
    assert agenda.due() is None
    assert agenda.enable(event, True)
    assert agenda.due() is event


def test_what_is_due_is_the_oldest_that_is_bound_to_happen(agenda):
    for event in (
        Event("whim", nop, spontaneous=True),
        Event("tick", nop, lasting=True),
        Event("read", nop),
        Event("write", nop),
    ):
        agenda.post(event)
    assert names([agenda.due()]) == ["read"]


def test_pending_events_of_one_name_are_numbered(agenda):
    events = [Event("read", nop) for _ in range(3)]
    for event in events:
        agenda.post(event)
    assert names(events) == ["read", "read #2", "read #3"]
    agenda.withdraw(events[1])
    agenda.post(again := Event("read", nop))
    assert again.name == "read #2"


def test_what_is_known_is_the_same_list_until_something_changes(agenda, tasks):
    known = agenda.choices(tasks[0])
    assert agenda.known[0] is known
    agenda.remove(tasks[2])
    assert not agenda.known
