"""A run made ready to be explained."""

from __future__ import annotations

from dataclasses import dataclass

from fuzzcopy.kernel import Kernel
from fuzzcopy.oracles import ALL
from fuzzcopy.report.film import Film
from fuzzcopy.report.swap import Swap
from fuzzcopy.runner import Outcome, run
from fuzzcopy.runner.runner import Oracles
from fuzzcopy.scenario import Scenario

_ATTRIBUTE = "__fuzzcopy_report__"


@dataclass(frozen=True, slots=True)
class Report:
    """One run of a kernel under a scenario's own schedule, filmed."""

    kernel: type[Kernel]
    outcome: Outcome
    film: Film

    @classmethod
    def of(cls, kernel: type[Kernel], scenario: Scenario, *, oracles: Oracles = ALL) -> Report:
        """Run ``scenario`` on ``kernel`` and keep everything that a report may need."""
        film = Film(kernel)
        outcome = run(film.kernel(), scenario, oracles=oracles, trace=film)
        return cls(kernel, outcome, film)

    def attach_to(self, error: BaseException) -> None:
        """Let whoever catches ``error`` find this report: see :func:`report_of`."""
        setattr(error, _ATTRIBUTE, self)

    @property
    def tasks(self) -> list[str]:
        """Everybody who gets a column: the CPUs, and whoever else took a step."""
        names = [f"cpu{i}" for i in range(len(self.outcome.scenario.cpus))]
        return list(dict.fromkeys([*names, *(row.who for row in self.film.rows if row.who)]))

    def swaps(self) -> list[tuple[int, str, Swap]]:
        """Where the run left the reference's code: at which step, who, and the line."""
        film = self.film
        return [(at, who, Swap.of(film.paths, code)) for code, (at, who) in film.entered.items()]


def report_of(error: BaseException) -> Report | None:
    """The report that belongs to an error, if there is one."""
    found = getattr(error, _ATTRIBUTE, None)
    return found if isinstance(found, Report) else None
