"""What a search aims at: the functions that a kernel has in the place of the reference's.

A run that enters none of them is a run of the reference kernel, and time spent on it says nothing
about the kernel under test. (Fuzzing directed at what a patch changed is an old idea: Boehme et
al., Directed Greybox Fuzzing, CCS 2017.)
"""

from __future__ import annotations

from random import Random
from types import CodeType

from fuzzcopy.kernel import Kernel
from fuzzcopy.runner.paths import Paths
from fuzzcopy.scenario import Scenario

SAMPLE = 12
"""How many programs are sampled at a time."""

LATEST = 100
"""How many programs are kept for each function."""


class Target:
    """Notes which swapped functions are entered when :attr:`kernel` runs in the place of the other.

    Of a kernel that differs from the reference elsewhere, too, or not at all, nothing is known:
    then every program counts as a hit.
    """

    def __init__(self, kernel: type[Kernel]) -> None:
        self._paths = Paths(kernel)
        self.is_known = self._paths.tell_all()
        self.kernel = self._paths.watched(self._enter) if self.is_known else kernel
        self._entered: dict[CodeType, None] = {}
        self._ever: dict[CodeType, None] = {}
        self._programs: dict[CodeType, list[Scenario]] = {}

    def begin(self) -> None:
        """Forget what was entered: another program begins."""
        self._entered.clear()

    @property
    def is_hit(self) -> bool:
        """Whether the program has entered a swapped function since it began."""
        return bool(self._entered) or not self.is_known

    def never(self) -> list[str]:
        """The swapped functions that nothing has entered yet, as the kernel calls them."""
        if not self.is_known:
            return []
        return [self._paths.name(code) for code in self._paths.swaps() if code not in self._ever]

    def keep(self, scenario: Scenario) -> None:
        """Remember the program that was the last to begin, if it was a hit."""
        for code in self._entered:
            programs = self._programs.setdefault(code, [])
            programs.append(scenario)
            del programs[:-LATEST]

    def sample(self, random: Random) -> list[Scenario]:
        """Some of those: for every function about as many, however seldom it is entered."""
        functions = [*self._programs.values()]
        return [
            programs[int(random.random() * len(programs))]
            for _ in range(SAMPLE if functions else 0)
            for programs in (functions[int(random.random() * len(functions))],)
        ]

    def _enter(self, code: CodeType) -> None:
        self._entered[code] = self._ever[code] = None
