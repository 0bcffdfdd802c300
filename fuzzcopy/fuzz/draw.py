"""Some programs, drawn as a campaign draws them, for who wants to do something else with them."""

from __future__ import annotations

from hypothesis import HealthCheck, Phase, given, seed, settings

from fuzzcopy.scenario import Scenario
from fuzzcopy.sched import ctrl_c
from fuzzcopy.strategies import scenarios


def draw_programs(number: int, count: int, *, cpus: int = 2, operations: int = 1) -> list[Scenario]:
    """``count`` different scenarios of up to ``cpus`` CPUs from the seed ``number``.

    ``operations`` is the most that any CPU has. There are no hazards and no actors: their trees
    could not be exhausted. Fewer come back if there are no more.
    """
    drawn: dict[Scenario, None] = {}

    @seed(number)
    @settings(
        max_examples=4 * count,
        database=None,
        deadline=None,
        derandomize=False,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(scenarios(cpus=cpus, operations=operations, hazards=False))
    def each(scenario: Scenario) -> None:
        ctrl_c.check()
        drawn.setdefault(scenario)

    each()
    return list(drawn)[:count]
