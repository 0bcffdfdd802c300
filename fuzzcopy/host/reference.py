"""What the reference kernel says: one program alone, and everything that can be seen of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from fuzzcopy.host.scale import MODEL_PAGE
from fuzzcopy.kernel import AddressSpace, File, Kernel, UserBuffer
from fuzzcopy.machine import ZERO, Cells, Cpu, TlbEntry
from fuzzcopy.runner import Tally
from fuzzcopy.runner.runner import Oracles
from fuzzcopy.scenario import DirectRead, DirectWrite, Load, Operation, Read, Write
from fuzzcopy.sched import Bus, Driver, Policy, Scheduler
from fuzzcopy.world import Plan, World, WorldWatcher


@dataclass(slots=True)
class Expected:
    """What a run of the model showed, in the model's units.

    ``results[c][i]`` and ``loads[c][i]`` are those of operation ``i`` of CPU ``c``, and
    ``sizes[c][i]`` what size its file had when it began; ``files`` the contents at the end;
    ``memory`` the user pages of each address space, ``None`` for one that cannot be had.

    ``loose`` are the bytes whose place is not determined: stored through a mapping past the end of
    a file (they may be there or not when the file grows), or copied onto themselves with a shift
    (copies within a page are not said to go forward).
    """

    results: list[list[int]] = field(default_factory=list)
    loads: list[list[tuple[int, Cells]]] = field(default_factory=list)
    files: list[Cells] = field(default_factory=list)
    sizes: list[list[int]] = field(default_factory=list)
    memory: list[dict[int, Cells | None]] = field(default_factory=list)
    loose: set[int] = field(default_factory=set)


class Observer(WorldWatcher):
    """Collects what a user of the kernel sees."""

    def __init__(self, cpus: int) -> None:
        each = range(cpus)
        self.expected = Expected([[] for _ in each], [[] for _ in each])
        self.expected.sizes = [[] for _ in each]
        self.world: World | None = None

    def operation_begun(self, cpu: Cpu, number: int, operation: Operation) -> None:
        at = operation.offset if isinstance(operation, Load) else 0
        self.expected.loads[cpu.index].append((at, []))
        file = getattr(operation, "file", None)
        assert self.world is not None
        size = 0 if file is None else self.world.kernel.files[file].size.peek()
        self.expected.sizes[cpu.index].append(size)
        if isinstance(operation, Write | Read | DirectRead | DirectWrite):
            self._look_for_overlap(cpu, number, operation)

    def operation_ended(self, cpu: Cpu, number: int, operation: Operation, result: int) -> None:
        self.expected.results[cpu.index].append(result)

    def loaded(self, cpu: Cpu, address: int, cells: Cells) -> None:
        self.expected.loads[cpu.index][-1][1].extend(cells)

    def user_written(self, cpu: Cpu, address: int, cells: Cells, via: TlbEntry) -> None:
        world = self.world
        assert world is not None
        vpn, start = divmod(address, MODEL_PAGE)
        vma = world.kernel.space_of(cpu).peek(vpn)
        if vma is not None and vma.shared and vma.file is not None:
            inside = vma.file.size.peek() - vma.index_of(vpn) * MODEL_PAGE - start
            self.expected.loose.update(cells[max(inside, 0) :])

    def _look_for_overlap(
        self, cpu: Cpu, number: int, operation: Write | Read | DirectRead | DirectWrite
    ) -> None:
        world = self.world
        assert world is not None
        buffer = world.plan.steps[cpu.index][number][1]
        assert isinstance(buffer, UserBuffer)
        file = world.kernel.files[operation.file]
        if isinstance(operation, Write | Read):
            at = operation.offset
        else:
            at = operation.first * MODEL_PAGE
        for address, n in buffer.runs(0, buffer.length, MODEL_PAGE, MODEL_PAGE):
            shown = self._shows(cpu, address, file)
            if shown is not None and shown != at and abs(shown - at) < MODEL_PAGE + n:
                low, high = min(shown, at), max(shown, at) + n
                whole = contents(world, file, MODEL_PAGE * 64)
                self.expected.loose.update(whole[low:high])
            at += n

    def _shows(self, cpu: Cpu, address: int, file: File) -> int | None:
        """The offset in ``file`` that a user address shows, if it does."""
        world = self.world
        assert world is not None
        vpn, start = divmod(address, MODEL_PAGE)
        space = world.kernel.space_of(cpu)
        vma = space.peek(vpn)
        if vma is None or vma.file is not file or _own(world, space, vpn) is not None:
            return None
        return vma.index_of(vpn) * MODEL_PAGE + start


async def observe(
    driver: Driver,
    plan: Plan,
    policy: Policy | None = None,
    *,
    oracles: Oracles = (),
    tally: Tally | None = None,
) -> Expected:
    """Run ``plan`` on the reference kernel and say what was seen. Raises what went wrong."""
    observer = Observer(len(plan.scenario.cpus))
    judges = [oracle() for oracle in oracles]
    bus = Bus([observer, *judges], vocabulary=WorldWatcher)
    policy = policy or Policy()
    scheduler = Scheduler(policy, bus=bus, max_steps=plan.scenario.max_steps)
    world = observer.world = World(Kernel, plan, scheduler)
    for judge in judges:
        judge.begin(world)
    await driver.run(scheduler)
    if tally is not None:
        tally.add(scheduler, policy)
    if scheduler.failure is not None:
        raise scheduler.failure
    expected = observer.expected
    expected.files = [contents(world, file, file.size.peek()) for file in world.kernel.files]
    expected.memory = [dict(_memory(world, space)) for space in world.kernel.spaces]
    world.dispose()
    return expected


def contents(world: World, file: File, size: int) -> Cells:
    """The first ``size`` bytes of a file as a read would show them now."""
    cells: Cells = []
    for index in range(-(-min(size, file.size.peek()) // MODEL_PAGE)):
        page = file.pages.get(index)
        good = page is not None and page.uptodate
        assert page is not None or not good
        cells += page.frame.cells if page is not None and good else world.kernel.stored(file, index)
    return cells[:size]


def _memory(world: World, space: AddressSpace) -> Iterator[tuple[int, Cells | None]]:
    for vma in space.vmas:
        for vpn in range(vma.start, vma.start + vma.pages):
            own = _own(world, space, vpn)
            if own is not None:
                yield vpn, own
            elif vma.file is None:
                yield vpn, [ZERO] * MODEL_PAGE
            else:
                at = vma.index_of(vpn) * MODEL_PAGE
                inside = contents(world, vma.file, vma.file.size.peek())[at : at + MODEL_PAGE]
                yield vpn, inside or None


def _own(world: World, space: AddressSpace, vpn: int) -> Cells | None:
    """The anonymous page at ``vpn``, if there is one."""
    entry = space.table.entries.get(vpn)
    if entry is None or not world.kernel.page_of(entry.frame).anonymous:
        return None
    return entry.frame.cells[:]
