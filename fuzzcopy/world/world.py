"""Building the world of a run, and what its CPUs do in it."""

from __future__ import annotations

from msgspec import UNSET

from fuzzcopy.kernel import AddressSpace, File, Kernel, Pipe, Vma, slot_page
from fuzzcopy.machine import SPAN, Cpu, Entry, Machine
from fuzzcopy.scenario import MappingSpec, Mmap, Orders
from fuzzcopy.scenario.orders import early
from fuzzcopy.sched import Scheduler
from fuzzcopy.world.actors import Actors
from fuzzcopy.world.hazards import Hazards
from fuzzcopy.world.perform import PERFORM
from fuzzcopy.world.plan import Plan


class World:
    """One run's machine and kernel, as the plan's scenario says, with a task per CPU."""

    def __init__(self, kernel: type[Kernel], plan: Plan, scheduler: Scheduler) -> None:
        scenario = plan.scenario
        spec = scenario.machine
        self.plan = plan
        self.scheduler = scheduler
        self.machine = Machine(
            scheduler,
            cpus=len(scenario.cpus),
            frames=spec.frames,
            page_size=spec.page_size,
            chunk=spec.chunk,
            origins=plan.origins,
            threads=scenario.actors.rounds(),
        )
        self.kernel = kernel(self.machine)
        if scenario.orders is not UNSET:
            self._reorder(scenario.orders)
        self._add_files()
        self._add_spaces()
        self._add_pipe()
        for cpu, cpu_spec in zip(self.machine.cpus, scenario.cpus, strict=False):
            self.kernel.load_space(cpu, self.kernel.spaces[cpu_spec.space])
            cpu.task = scheduler.spawn(self._program, cpu, name=cpu.name)
        self.actors = Actors(self)
        self.hazards = Hazards(self)

    def dispose(self) -> None:
        """Take the world apart: its objects know each other in cycles. Nothing works afterwards."""
        for file in self.kernel.files:
            file.dispose()
        for space in self.kernel.spaces:
            space.dispose()
        for cpu in self.machine.cpus:
            cpu.dispose()
        self.kernel.dispose()
        self.scheduler.dispose()

    # -- setting up -----------------------------------------------------------------------

    def _reorder(self, orders: Orders) -> None:
        """Let the kernel's paths take their locks in the order that the scenario asks for."""
        self.kernel.reordered = {
            (path, kind): kinds
            for path, order in orders.changed().items()
            for kind, kinds in early(path, order)
        }
        self.kernel.arranged = {"fork": orders.fork}

    def _add_files(self) -> None:
        kernel, machine, plan = self.kernel, self.machine, self.plan
        for f, spec in enumerate(plan.scenario.files):
            file = File(self.scheduler, f"f{f}", spec.size)
            kernel.files.append(file)
            for p, cells in enumerate(plan.disk[f]):
                state = spec.extent(p)
                file.extents.assume(p, state)
                if state == "unwritten":
                    machine.disk.allocate((file.name, p))
                elif state == "written":
                    machine.disk.blocks[file.name, p] = cells
            for p, cached in enumerate(spec.pages):
                if cached == "absent":
                    continue
                frame = machine.memory.take()
                if frame is None:
                    return
                page = kernel.new_page(file.place(p), frame)
                file.adopt(p, page)
                page.refs = 1
                if cached != "stale":
                    frame.cells[:] = plan.cache[f][p] if cached == "dirty" else plan.disk[f][p]
                    page.uptodate = True
                    page.dirty = cached == "dirty"

    def _add_spaces(self) -> None:
        for s, spec in enumerate(self.plan.scenario.spaces):
            space = AddressSpace(self.scheduler, f"mm{s}")
            self.kernel.spaces.append(space)
            for mapping in spec.mappings:
                self._add_mapping(s, space, mapping)

    def _add_pipe(self) -> None:
        pipe = Pipe(self.scheduler, "pipe0", self.plan.scenario.pipe.slots)
        self.kernel.pipes.append(pipe)
        # It has been in use: a free slot holds what the write that last had it has left.
        for slot in pipe.slots:
            slot.can_merge = True
        for cells in self.plan.pipe:
            frame = self.machine.memory.take()
            if frame is None:
                return
            frame.cells[:] = cells
            pipe.fill(self.kernel.new_page(f"page of {pipe}", frame), len(cells))

    def _add_mapping(self, s: int, space: AddressSpace, mapping: MappingSpec) -> None:
        kernel = self.kernel
        vma = self.vma(space, mapping)
        space.enter(vma)
        if vma.file is not None:
            vma.file.vmas.append(vma)
        if not mapping.present:
            return
        space.table.enter(vma.start // SPAN)
        for i in range(vma.pages):
            vpn = vma.start + i
            if vma.file is None:
                frame = self.machine.memory.take()
                if frame is None:
                    return
                page = kernel.new_page(f"anon {space.table.slot(vpn)}", frame)
                page.anonymous = True
                frame.cells[:] = self.plan.anonymous[s, mapping.slot, i]
                writable = vma.writable
            else:
                cached = vma.file.pages.get(vma.index_of(vpn))
                if cached is None or not cached.uptodate:
                    continue
                page = cached
                page.refs += 1
                writable = False
            page.mapcount += 1
            space.table.install(vpn, Entry(page.frame, writable=writable))

    def vma(self, space: AddressSpace, spec: MappingSpec | Mmap) -> Vma:
        """The mapping that ``spec`` asks for, not entered yet."""
        file = None if spec.file is None else self.kernel.files[spec.file]
        return Vma(
            space,
            slot_page(spec.slot),
            spec.pages,
            file,
            spec.first if file else 0,
            spec.shared and file is not None,
            spec.writable,
        )

    def warm_up(self) -> None:
        """Fill the TLBs of the CPUs that have been running before; announced like any other."""
        for cpu, spec in zip(self.machine.cpus, self.plan.scenario.cpus, strict=False):
            if spec.warm and cpu.table is not None:
                for vpn, entry in cpu.table.entries.items():
                    entry.accessed = True
                    entry.dirty = entry.writable
                    cpu.tlb.fill((cpu.table.name, vpn), entry)

    # -- running --------------------------------------------------------------------------

    async def _program(self, cpu: Cpu) -> None:
        bus = self.scheduler.bus
        for number, (operation, argument) in enumerate(self.plan.steps[cpu.index]):
            for tell in bus.operation_begun:
                tell(cpu, number, operation)
            result = await PERFORM[type(operation)](self, cpu, operation, argument)
            for tell in bus.operation_ended:
                tell(cpu, number, operation, result)
            self.scheduler.progress()
