"""The place of a decision: a task, a label, a count."""

from fuzzcopy import sched
from fuzzcopy.sched.task import Task
from fuzzcopy.sched.whereabouts import Whereabouts


async def nothing():
    return


class Decided(sched.Watcher):
    def __init__(self):
        self.told = []

    def decided(self, task, label, nth, choice, value):
        self.told.append((task.name, label, nth, choice, value))


class Always(sched.Policy):
    """Answers every question for a number with the highest, and notes where it was asked."""

    def __init__(self, whereabouts):
        self.whereabouts = whereabouts
        self.asked = []

    def integer(self, label, bound):
        self.asked.append(self.whereabouts.place())
        return bound - 1


def some():
    watcher = Decided()
    return Whereabouts(sched.Bus([watcher])), Task(0, "a", nothing, False), watcher.told


def test_labels_are_counted_for_each_task():
    here, task, _ = some()
    other = Task(1, "b", nothing, False)
    for who, label in [(task, "lock"), (task, "copy"), (other, "lock"), (task, "lock")]:
        here.at(who, label)
    assert here.place() == (task, "lock", 2)
    here.again()
    assert here.place() == (task, "lock", 3)


def test_a_choice_is_told_with_its_place():
    here, task, told = some()
    here.at(task, "lock")
    here.chosen("b")
    assert told == [("a", "lock", 1, "b", 0)]


def test_a_number_has_a_place_of_its_own_and_the_decision_keeps_its():
    here, task, told = some()
    policy = Always(here)
    here.at(task, "lock")
    assert here.integer(task, "evict", 4, policy) == 3
    assert policy.asked == [(task, "evict", 1)]
    assert told == [("a", "evict", 1, "", 3)]
    assert here.place() == (task, "lock", 1)


def test_nothing_special_is_not_told():
    here, task, told = some()
    assert here.integer(task, "evict", 4, sched.Policy()) == 0
    assert told == []


def test_who_builds_the_world_may_ask_for_numbers():
    here, _, told = some()
    here.integer(None, "fault", 2, Always(here))
    assert told == [("setup", "fault", 1, "", 1)]
