"""Lost write and torn read: every byte read must be explained by some order of the operations.

Judged byte by byte (reads across bytes may legally tear). An order must respect real time: what
was over before something else began comes first. A write's value is what its copy loaded last; it
wrote what its return value says. What was moved without a word, or not at all, is looked for in the
buffer, unless another call ran beside. What the disk did not take may be there or not. The end of
the run counts as two more reads: what a read would deliver, and what would be on the disk after a
final sync.
"""

from __future__ import annotations

from errno import EIO

from fuzzcopy.kernel import File, Page, Pinned, UserBuffer
from fuzzcopy.machine import ZERO, Block, Cells, Cpu, Frame, IoKind, TlbEntry
from fuzzcopy.oracles.call import Call
from fuzzcopy.oracles.evidence import BadByte
from fuzzcopy.oracles.history import UNKNOWN, Access, Cut, History
from fuzzcopy.oracles.oracle import Oracle
from fuzzcopy.oracles.unannounced import read_into, written_from
from fuzzcopy.scenario import (
    DirectRead,
    DirectWrite,
    Fsync,
    Operation,
    Punch,
    Read,
    Truncate,
    Write,
)
from fuzzcopy.sched import Verdict
from fuzzcopy.world import World

# Named here, for a union would be made anew at every question.
COPIES = (Read, Write)
DIRECT = (DirectRead, DirectWrite)


class LostWrite(Verdict):
    """What a file holds at the end is not what was written to it."""

    kind = "lost write"


class LostDirty(Verdict):
    """Data acknowledged by fsync, or taken for clean, is not on the disk."""

    kind = "lost dirty"


class TornRead(Verdict):
    """A read saw bytes that no order of the operations explains."""

    kind = "torn read"


class ContentOracle(Oracle):
    """Keeps a history of each file and judges it when the run is over."""

    def __init__(self) -> None:
        self._clock = 0
        self._over = -1  # when an operation was over last
        self._begun: dict[int, int] = {}
        self._calls: dict[int, Call] = {}
        self._moved: dict[int, Cells] = {}
        self._direct: dict[int, tuple[int, int, DirectRead | DirectWrite]] = {}
        self._ends: list[Access] = []

    def begin(self, world: World) -> None:
        super().begin(world)
        plan = world.plan
        self._page_size = plan.page_size
        self._histories: dict[str, History] = {}
        for f, spec in enumerate(plan.scenario.files):
            self._histories[f"f{f}"] = History(f"f{f}", spec.size, plan.contents[f])

    # -- system calls ---------------------------------------------------------------------

    def operation_begun(self, cpu: Cpu, number: int, operation: Operation) -> None:
        self._clock += 1
        if isinstance(operation, COPIES):
            buffer = self.world.plan.steps[cpu.index][number][1]
            assert isinstance(buffer, UserBuffer)
            history = self._histories[f"f{operation.file}"]
            cells = [UNKNOWN] * buffer.length
            self._calls[cpu.index] = Call(operation, history, buffer, self._clock, cells)
            return
        self._begun[cpu.index] = self._clock
        if isinstance(operation, DIRECT):
            self._begin_direct(cpu, operation)

    def operation_ended(self, cpu: Cpu, number: int, operation: Operation, result: int) -> None:
        self._clock += 1
        who = self.world.plan.who[cpu.index][number]
        over, self._over = self._over, self._clock
        if isinstance(operation, COPIES):
            call = self._calls.pop(cpu.index)
            alone = over < call.begin and not self._calls and not self._begun
            if alone and call.left_out(result):
                self._look(cpu, call, result)
            call.over(who, self._clock, result)
            return
        begin = self._begun.pop(cpu.index)
        if isinstance(operation, DIRECT):
            self._end_direct(cpu, operation, who, begin, result)
        elif isinstance(operation, Fsync) and result == 0:
            self._synced(operation, f"the disk after {who}", begin)
        elif isinstance(operation, Punch) and result == 0:
            self._punched(operation, who, begin)
        elif isinstance(operation, Truncate) and result == 0:
            cut = Cut(who, begin, self._clock, operation.size)
            self._histories[f"f{operation.file}"].cut(cut)

    def _look(self, cpu: Cpu, call: Call, result: int) -> None:
        """Fill in what nobody announced, after a call beside which no other ran."""
        look = read_into if isinstance(call.operation, Read) else written_from
        count = min(result, call.buffer.length)  # more is for another oracle to say
        call.fill(look(self.world.kernel.space_of(cpu), call.buffer, count, self._page_size))

    def _begin_direct(self, cpu: Cpu, operation: DirectRead | DirectWrite) -> None:
        size = self._page_size
        self._moved[cpu.index] = [UNKNOWN] * (operation.pages * size)
        base = self.world.plan.address(operation.slot, operation.at * size)
        errors = self.world.kernel.files[operation.file].errors.peek()
        self._direct[cpu.index] = base, errors, operation

    def _end_direct(
        self, cpu: Cpu, operation: DirectRead | DirectWrite, who: str, begin: int, result: int
    ) -> None:
        """What a write loses, and fsync will tell of, may be there or not from then on."""
        _, errors, _ = self._direct.pop(cpu.index)
        history = self._histories[f"f{operation.file}"]
        low = operation.first * self._page_size
        if result == -EIO and isinstance(operation, DirectWrite):
            history.exempt.update(range(low, low + operation.pages * self._page_size))
        if result <= 0:
            return
        cells = self._moved[cpu.index][:result]
        access = Access(who, begin, self._clock, low, cells)
        if isinstance(operation, DirectWrite):
            history.write(access)
            if self.world.kernel.files[operation.file].errors.peek() != errors:
                history.exempt.update(range(low, low + result))
        elif UNKNOWN not in cells:
            history.read(access)

    def disk_written(self, block: Block, frame: Frame) -> None:
        """Writeback that comes after a direct write, before its end: either may be there then.

        open(2) asks not to mix direct I/O with mappings, and this is why: what is stored by way
        of a mapping meanwhile may be written after the direct write, and over it. What comes
        before (the direct write itself sees to that) is overwritten by it.
        """
        name, index = block
        size = self._page_size
        low = index * size
        for cpu, (_, _, operation) in self._direct.items():
            at = (index - operation.first) * size
            if (
                isinstance(operation, DirectWrite)
                and name == f"f{operation.file}"
                and operation.first <= index < operation.first + operation.pages
                and any(cell != UNKNOWN for cell in self._moved[cpu][at : at + size])
            ):
                page = self.world.kernel.files[operation.file].pages.get(index)
                if page is not None and page.frame is frame:
                    self._histories[name].exempt.update(range(low, low + size))

    def disk_failed(self, kind: IoKind, block: Block, frame: Frame) -> None:
        """What is in the cache will be lost with its page, and what is on the disk show up again.

        Whether fsync says so is not judged here.
        """
        if kind == "write":
            low = block[1] * self._page_size
            self._histories[block[0]].exempt.update(range(low, low + self._page_size))

    def _synced(self, operation: Fsync, who: str, begin: int) -> None:
        """What is on the disk now must be as new as the file was when fsync began."""
        file = self.world.kernel.files[operation.file]
        stored = self.world.kernel.stored
        cells: Cells = []
        for index in range(-(-file.size.peek() // self._page_size)):
            cells += stored(file, index)
        access = Access(who, begin, self._clock, 0, cells[: file.size.peek()], stored=True)
        self._histories[file.name].read(access)

    def _punched(self, operation: Punch, who: str, begin: int) -> None:
        history = self._histories[f"f{operation.file}"]
        page_size = self._page_size
        low = operation.first * page_size
        high = min(low + operation.pages * page_size, history.witness_size)
        if low < high:
            history.punch(Access(who, begin, self._clock, low, [ZERO] * (high - low)))

    def copied_from_user(
        self, cpu: Cpu, page: Page, start: int, buffer: UserBuffer, position: int, cells: Cells
    ) -> None:
        call = self._calls.get(cpu.index)
        if call is None:
            if cpu.index in self._direct:
                # What could not be done directly went through the cache, by a buffer of its own.
                self._moved_directly(cpu, buffer.locate(position)[0], cells)
        elif buffer is call.buffer:
            # A path may copy by way of a buffer of its own: what that moved stays unknown.
            call.moved(position, cells)

    copied_to_user = copied_from_user

    def page_flipped(
        self, cpu: Cpu, page: Page, buffer: UserBuffer, position: int, cells: Cells
    ) -> None:
        self.copied_from_user(cpu, page, 0, buffer, position, cells)

    page_taken = page_flipped

    def _moved_directly(self, cpu: Cpu, address: int, cells: Cells) -> None:
        position = address - self._direct[cpu.index][0]
        self._moved[cpu.index][position : position + len(cells)] = cells

    def pin_read(self, cpu: Cpu, pinned: Pinned, address: int, cells: Cells) -> None:
        self._moved_directly(cpu, address, cells)

    def pin_written(self, cpu: Cpu, pinned: Pinned, address: int, cells: Cells) -> None:
        if cpu.index in self._direct:
            self._moved_directly(cpu, address, cells)
        else:
            self._stored(cpu, address, cells, f"a forced write by {cpu}")

    def page_removed(self, file: File, page: Page) -> None:
        self._clock += 1
        self._histories[file.name].removals.append(self._clock)

    # -- mappings -------------------------------------------------------------------------

    def user_read(self, cpu: Cpu, address: int, cells: Cells, via: TlbEntry) -> None:
        self._clock += 1
        file, low = self._mapped(cpu, address)
        if file is not None:
            inside = cells[: max(file.size.peek() - low, 0)]
            who = self.world.plan.loads[cpu.index]
            self._histories[file.name].read(Access(who, self._clock, self._clock, low, inside))

    def user_written(self, cpu: Cpu, address: int, cells: Cells, via: TlbEntry) -> None:
        self._stored(cpu, address, cells, self.world.plan.stores[cpu.index])

    def _stored(self, cpu: Cpu, address: int, cells: Cells, who: str) -> None:
        self._clock += 1
        file, low = self._mapped(cpu, address)
        if file is not None:
            history = self._histories[file.name]
            inside = max(file.size.peek() - low, 0)
            # What is stored past the end may be there or not when the file grows.
            history.exempt.update(range(low + inside, low + len(cells)))
            if inside:
                part = list(cells[:inside])
                history.write(Access(who, self._clock, self._clock, low, part))

    def _mapped(self, cpu: Cpu, address: int) -> tuple[File | None, int]:
        """The file, and the offset in it, that a user address shows if it is mapped shared."""
        vpn, start = divmod(address, self._page_size)
        for vma in self.world.kernel.space_of(cpu).covering(vpn):
            if vma.shared:
                return vma.file, vma.index_of(vpn) * self._page_size + start
        return None, 0

    # -- the end --------------------------------------------------------------------------

    def finish(self) -> None:
        self._clock += 1
        for file in self.world.kernel.files:
            history = self._histories[file.name]
            size = file.size.peek()
            lost = history.cut_short(size)
            if lost is not None:
                self.fail(LostWrite(f"{file} ends at byte {size}, but {lost.who} went further"))
            shown, stored = self._final(file, size)
            for who, cells in (("the next read", shown), ("the disk after a sync", stored)):
                access = Access(who, self._clock, self._clock, 0, cells, stored=cells is stored)
                self._ends.append(access)
                history.read(access)
        for history in self._histories.values():
            if history.suspect:
                self._judge(history)

    def _final(self, file: File, size: int) -> tuple[Cells, Cells]:
        page_size = self._page_size
        shown: Cells = []
        stored: Cells = []
        for index in range(-(-size // page_size)):
            block = self.world.kernel.stored(file, index)
            page = file.pages.get(index)
            shown += page.frame.cells if page is not None and page.uptodate else block
            stored += page.frame.cells if page is not None and page.dirty else block
        return shown[:size], stored[:size]

    def _judge(self, history: History) -> None:
        found = history.unexplained()
        if found is None:
            return
        read, byte, writers = found
        describe_cell = self.world.plan.origins.describe
        cell = read.cells[byte - read.low]
        written = [(w.who, w.cells[byte - w.low]) for w in writers]
        saw = describe_cell(cell)
        saw += next((f", as {who} left it" for who, it in reversed(written) if it == cell), "")
        others = [f"{who} wrote {describe_cell(it)}" for who, it in written if it != cell][-3:]
        although = f", although {' and '.join(others)}" if others else ""
        verdict: type[Verdict] = TornRead
        if read.stored:
            verdict = LostDirty
        elif any(read is end for end in self._ends):
            verdict = LostWrite
        index, offset = divmod(byte, self._page_size)
        self.fail(
            verdict(f"byte {byte} of {history.name}: {read.who} has {saw}{although}"),
            BadByte(
                f"byte {byte} of {history.name} in {read.who}",
                read.cells[byte - read.low],
                offset,
                page=f"{history.name}:{index}",
                wanted=tuple(w.cells[byte - w.low] for w in reversed(writers)),
            ),
        )
