"""Leaving out a task keeps the schedule of the others: what came after it comes in its place."""

from fuzzcopy.fuzz.candidates import candidates
from fuzzcopy.scenario import (
    Actors,
    CpuSpec,
    FaultPlan,
    FileSpec,
    Fsync,
    Load,
    MappingSpec,
    Scenario,
    SpaceSpec,
    Store,
    Switch,
)


def scenario(*schedule: tuple[str, str, int, str], actors: Actors | None = None) -> Scenario:
    return Scenario(
        cpus=(CpuSpec(), CpuSpec(), CpuSpec()),
        actors=actors or Actors(),
        schedule=tuple(Switch(*switch) for switch in schedule),
    )


def schedules(given: Scenario) -> list[list[tuple[str, str, int, str]]]:
    return [[(s.cpu, s.at, s.nth, s.run) for s in c.schedule] for c in candidates(given)]


def test_a_cpu_between_two_others() -> None:
    given = scenario(("cpu0", "page.lock f0:0", 3, "cpu1"), ("cpu1", "end", 1, "cpu2"))
    assert [("cpu0", "page.lock f0:0", 3, "cpu1")] in schedules(given)


def test_events_at_its_end_happen_all_the_same() -> None:
    given = scenario(
        ("cpu0", "get f0.size", 1, "cpu1"),
        ("cpu1", "end", 1, "disk.write f0:0"),
        ("cpu1", "end", 2, "flusher"),
        actors=Actors(flusher=1),
    )
    at = ("cpu0", "get f0.size", 1)
    assert [(*at, "disk.write f0:0"), (*at, "flusher")] in schedules(given)


def test_where_a_task_had_to_stop_each_event_is_a_decision_of_its_own() -> None:
    given = scenario(
        ("cpu0", "wait page lock f0:0", 2, "flusher"),
        ("flusher", "end", 1, "disk.write f0:0"),
        ("flusher", "end", 2, "cpu2"),
        actors=Actors(flusher=1),
    )
    at = "wait page lock f0:0"
    assert [("cpu0", at, 2, "disk.write f0:0"), ("cpu0", at, 3, "cpu2")] in schedules(given)


def test_interrupts_of_what_is_gone_are_gone() -> None:
    given = scenario(("cpu0", "wait ipi acks for cpu0", 1, "ipi cpu0->cpu2"))
    assert [] in schedules(given)


def test_actors_become_fewer_and_do_less() -> None:
    given = Scenario(cpus=(CpuSpec((Fsync(0),)),), actors=Actors(flusher=3, kswapd=1))
    assert {c.actors for c in candidates(given)} >= {
        Actors(kswapd=1),
        Actors(flusher=2, kswapd=1),
        Actors(flusher=3),
    }


def test_less_goes_wrong_by_itself() -> None:
    errors = (("read", 0, 0), ("write", 0, 1))
    given = Scenario(cpus=(CpuSpec((Fsync(0),)),), faults=FaultPlan(fills=2, errors=errors))
    assert {c.faults for c in candidates(given)} >= {
        FaultPlan(),
        FaultPlan(fills=1, errors=errors),
        FaultPlan(fills=2, errors=errors[:1]),
        FaultPlan(fills=2, errors=errors[1:]),
    }


def test_an_operation_that_brings_a_page_in_gives_way_to_a_page_that_is_there() -> None:
    given = Scenario(
        cpus=(CpuSpec((Load(0, 0, 1), Store(0, 0, 1))),),
        files=(FileSpec(16),),
        spaces=(SpaceSpec((MappingSpec(0, 1, 0, present=False),)),),
    )
    there = Scenario(
        cpus=(CpuSpec((Store(0, 0, 1),), warm=True),),
        files=(FileSpec(16, ("clean",)),),
        spaces=(SpaceSpec((MappingSpec(0, 1, 0, present=True),)),),
    )
    assert there in list(candidates(given))


def test_switches_go_many_at_a_time_first() -> None:
    given = scenario(*[("cpu0", "page.lock f0:0", n, "cpu1") for n in range(1, 9)])
    left = [len(some) for some in schedules(given)]
    assert left.index(4) < left.index(6) < left.index(7)
