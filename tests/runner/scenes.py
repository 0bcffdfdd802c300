"""Two CPUs that write to one page from memory of their own."""

from fuzzcopy.scenario import (
    CpuSpec,
    FileSpec,
    MappingSpec,
    Operation,
    Read,
    Scenario,
    Segment,
    SpaceSpec,
    Switch,
    Write,
)

WRITE = Write(0, 0, (Segment(0, 0, 16),))
READ = Read(0, 0, (Segment(1, 0, 16),))


def scene(
    *programs: tuple[Operation, ...], schedule: tuple[Switch, ...] = (), max_steps: int = 3_000
) -> Scenario:
    return Scenario(
        cpus=tuple(CpuSpec(program) for program in programs or ((WRITE,), (READ,))),
        files=(FileSpec(16, ("clean",)),),
        spaces=(SpaceSpec((MappingSpec(0, 1), MappingSpec(1, 1))),),
        schedule=schedule,
        max_steps=max_steps,
    )


BEFORE_THE_COPY = Switch("cpu0", "mem.write frame0", 1, run="cpu1")
"""CPU 1 runs when CPU 0 is about to write its first chunk into the page."""
