"""Small scenarios for oracles: pages of 16 bytes, one file of one page, one mapping of it."""

from fuzzcopy.scenario import (
    CpuSpec,
    FileSpec,
    MappingSpec,
    Operation,
    Scenario,
    Segment,
    SpaceSpec,
)

SHARED = MappingSpec(0, 1, 0, shared=True)
PRIVATE = MappingSpec(0, 1, 0)
ANONYMOUS = MappingSpec(1, 2)


def scene(
    *programs: tuple[Operation, ...], page: str = "clean", size: int = 16, mapping=SHARED
) -> Scenario:
    """One CPU per program, one after the other unless somebody says otherwise.

    Slot 0 is ``mapping`` (of the file), slot 1 anonymous memory of two pages.
    """
    return Scenario(
        cpus=tuple(CpuSpec(program) for program in programs),
        files=(FileSpec(size, (page,)),),
        spaces=(SpaceSpec((mapping, ANONYMOUS)),),
    )


def buffer(offset: int = 0, length: int = 16, slot: int = 1) -> tuple[Segment, ...]:
    return (Segment(slot, offset, length),)
