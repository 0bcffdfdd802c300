"""The same programs in another world: one where everything is there already, or nothing.

What another CPU has to do at an exact moment, which takes a preemption, may then be done before,
or while the first one waits.
"""

from __future__ import annotations

from msgspec.structs import replace

from fuzzcopy.scenario import FileSpec, Scenario


def warmed(scenario: Scenario) -> Scenario:
    """With every page cached and mapped from the start, and the TLBs full.

    No operation is needed then to bring them in.
    """
    files = tuple(_cached(file, scenario.machine.page_size) for file in scenario.files)
    spaces = tuple(
        replace(space, mappings=tuple(replace(m, present=True) for m in space.mappings))
        for space in scenario.spaces
    )
    cpus = tuple(replace(cpu, warm=True) for cpu in scenario.cpus)
    return replace(scenario, files=files, spaces=spaces, cpus=cpus)


def _cached(file: FileSpec, page_size: int) -> FileSpec:
    missing = -(-file.size // page_size) - len(file.pages)
    states = ("clean" if state == "absent" else state for state in file.pages)
    return replace(file, pages=(*states, *["clean"] * missing))


def cooled(scenario: Scenario) -> Scenario:
    """With nothing cached or mapped, and a file of its own behind anonymous memory.

    Whoever needs a page waits for the disk then, and the others run.
    """
    files = tuple(replace(file, pages=()) for file in scenario.files)
    anonymous = [m.pages for s in scenario.spaces for m in s.mappings if m.file is None]
    if anonymous:
        files = (*files, FileSpec(size=max(anonymous) * scenario.machine.page_size))
    spaces = tuple(
        replace(
            space,
            mappings=tuple(
                replace(m, present=False, file=len(files) - 1 if m.file is None else m.file)
                for m in space.mappings
            ),
        )
        for space in scenario.spaces
    )
    cpus = tuple(replace(cpu, warm=False) for cpu in scenario.cpus)
    return replace(scenario, files=files, spaces=spaces, cpus=cpus)
