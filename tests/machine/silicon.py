"""A machine with no kernel: two CPUs in one address space that the test edits itself."""

from collections.abc import Sequence

from fuzzcopy.machine import Entry, Machine, MachineWatcher, PageTable, pattern
from fuzzcopy.sched import Bus, Driver, Policy, Scheduler, Verdict, drive

PAGE = 16


class Silicon:
    def __init__(self, scheduler: Scheduler, frames: int) -> None:
        self.scheduler = scheduler
        machine = Machine(scheduler, cpus=2, frames=frames, page_size=PAGE, chunk=8)
        self.memory, self.mmu, self.disk = machine.memory, machine.mmu, machine.disk
        self.cpus = machine.cpus
        self.cpu, self.other = machine.cpus
        self.table = PageTable(scheduler, "mm0")
        for cpu in machine.cpus:
            cpu.table = self.table

    def map(self, vpn: int, *, writable: bool = True, dirty: bool = False, origin: int = 2):
        """Show a frame with bytes of ``origin`` at ``vpn``; returns the entry."""
        frame = self.memory.take()
        frame.cells[:] = pattern(origin, PAGE)
        entry = Entry(frame, writable=writable, dirty=dirty)
        self.table.install(vpn, entry)
        return entry


def run(
    *programs,
    policy: Policy | None = None,
    watchers: Sequence[MachineWatcher] = (),
    frames: int = 4,
    setup=None,
) -> Silicon:
    """Run ``programs``, one per CPU, each called with the machine. A verdict is raised."""
    bus = Bus(watchers, vocabulary=MachineWatcher)
    scheduler = Scheduler(policy or Policy(), bus=bus)
    silicon = Silicon(scheduler, frames)
    if setup is not None:
        setup(silicon)
    for cpu, program in zip(silicon.cpus, programs, strict=False):
        cpu.task = scheduler.spawn(program, silicon, name=cpu.name)

    async def once(driver: Driver) -> None:
        await driver.run(scheduler)

    drive(once)
    if isinstance(scheduler.failure, Verdict):
        raise scheduler.failure
    assert scheduler.failure is None
    if isinstance(policy, At):
        assert not policy.switches, f"never reached: {policy.switches}"
    return silicon


class At(Policy):
    """Lets another choice, by its name, go first when a task is at a label."""

    labelled = True

    def __init__(self, *switches: tuple[str, str, str]) -> None:
        self.switches = list(switches)

    def choose(self, enabled, current):
        if self.switches:
            task, label, run = self.switches[0]
            at, now, _ = self.scheduler.where()
            names = [choice.name for choice in enabled]
            if (at.name, now) == (task, label) and run in names:
                del self.switches[0]
                return names.index(run)
        return 0
