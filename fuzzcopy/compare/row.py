"""The rows of a comparison: one per kernel and call."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from fuzzcopy.compare.curves import Crossing, crossings
from fuzzcopy.cost import PAGE, Bare, Bill, Call, Costs, Workload, check_done, measure
from fuzzcopy.fuzz import Campaign, Fuzzer
from fuzzcopy.kernel import Kernel
from fuzzcopy.regression.line import one_line
from fuzzcopy.sched import Problem, Verdict, ctrl_c

CPUS = (1, 2, 4, 8, 16, 32, 64)
SHARES = tuple(range(0, 101, 10))
SIZES = (256, 512, 1024, 2048, 4096, 8192, 16384)

CALLS: tuple[Call, ...] = ("read", "write")

AT_SHARES = 4
"""CPUs of the process while the share of unmapped pages grows."""

_INTERRUPTED = "interrupted"


class Safety(Struct, frozen=True):
    """What a search says: ``verdict`` is empty if it found nothing in ``schedules``.

    ``problem`` is why it could not decide anything (a kernel that is not deterministic, say).
    ``missed`` are the functions that the kernel swaps, if no program entered any of them: then
    nothing was decided either. ``interrupted``: Ctrl-C came before all was searched and metered.
    """

    verdict: str
    message: str
    schedules: int
    programs: int
    undecided: int
    problem: str = ""
    missed: tuple[str, ...] = ()
    interrupted: bool = False

    def __str__(self) -> str:
        if self.verdict:
            return self.verdict
        if self.problem or self.missed:
            return "nothing decided"
        return f"nothing in {self.schedules:,}" if self.schedules else "not searched"


class Costed(Struct, frozen=True):
    """The mean of some calls: nanoseconds on its own CPU and on those it interrupted.

    ``fast`` and ``slow`` are the parts of ``own`` before and after the first page fault.
    ``faults`` were handled, ``failed`` made a copy come back; these and what follows per call.
    """

    own: float
    others: float
    fast: float
    slow: float
    by: dict[str, float]
    faults: float
    failed: float
    interrupts: float
    disk_reads: float

    @classmethod
    def of(cls, bill: Bill, calls: int) -> Costed:
        """The mean bill of ``calls`` calls."""
        return cls(
            round(bill.own, 2),
            round(bill.others, 2),
            round(bill.fast, 2),
            round(bill.slow, 2),
            {action: round(ns, 2) for action, ns in sorted(bill.by.items())},
            bill.faults / calls,
            bill.failed / calls,
            bill.interrupts / calls,
            bill.disk_reads / calls,
        )

    @property
    def total(self) -> float:
        """Nanoseconds on all CPUs together."""
        return self.own + self.others


class Row(Struct, frozen=True):
    """One kernel and call, in nanoseconds per page of 4096 bytes unless it says otherwise.

    ``hot``: everything mapped and cached, one CPU; ``ratio``: against a bare copy under the same
    call. ``unmapped``: the user's memory is not mapped yet. ``reused``, ``unmapped_reused``: the
    program stores to the buffer afterwards. ``absent``: the file's page is not in the cache.
    ``cold``: the source is in no cache. ``walk``: page-table walks of the hot call, with tables in
    the caches and in none. ``interrupts``: of the hot call with four CPUs. ``break_even``: for a
    call that replaces a page, how large it would have to be, in bytes, for that to pay against a
    hot copy, over :data:`CPUS`. ``over_cpus``,
    ``over_shares`` (of unmapped pages, in percent) and ``over_sizes`` (of a call into unmapped
    memory, in bytes; nanoseconds per call) follow :data:`CPUS`, :data:`SHARES`, :data:`SIZES`.
    """

    kernel: str
    call: Call
    safety: Safety
    hot: Costed
    ratio: float
    unmapped: Costed
    reused: Costed
    unmapped_reused: Costed
    absent: Costed
    cold: Costed
    walk: tuple[float, float]
    interrupts: float
    break_even: tuple[float, ...]
    over_cpus: tuple[float, ...]
    over_shares: tuple[float, ...]
    over_sizes: tuple[float, ...]

    @property
    def name(self) -> str:
        """For tables and legends."""
        return f"{self.kernel} {self.call}"


class Unmetered(Struct, frozen=True):
    """A kernel and call without figures: the kernel goes wrong even where it is only metered.

    Or it does not do the work there, which costs little.

    ``why`` is the verdict there, in one line; the search may have found another one. Or nothing
    could be decided on the kernel at all, and that is why. Or Ctrl-C came first.
    """

    kernel: str
    call: Call
    safety: Safety
    why: str

    def __str__(self) -> str:
        if self.safety.problem:
            return f"{self.kernel} has no figures, as nothing could be decided: {self.why}"
        if self.safety.interrupted:
            return f"{self.kernel} has no figures: {self.why}"
        return f"{self.kernel} has no figures, as it goes wrong in the calls to meter: {self.why}"


class Comparison(Struct, frozen=True):
    """All rows, the table of costs, and where the rows cross the first one of their call."""

    costs: Costs
    seed: int
    rows: tuple[Row, ...]
    crossings: dict[str, tuple[Crossing, ...]]
    unmetered: tuple[Unmetered, ...] = ()

    def of(self, call: Call) -> list[Row]:
        """The rows of one call."""
        return [row for row in self.rows if row.call == call]

    def without_figures(self, call: Call) -> list[Unmetered]:
        """The kernels whose calls of this kind could not be metered."""
        return [each for each in self.unmetered if each.call == call]

    @property
    def found(self) -> bool:
        """Whether anything was found wrong with any kernel."""
        return any(safety.verdict for safety in self._safeties())

    @property
    def undecided(self) -> bool:
        """Whether there is a kernel on which nothing could be decided."""
        return any(safety.problem or safety.missed for safety in self._safeties())

    @property
    def interrupted(self) -> bool:
        """Whether Ctrl-C came before the end: the last kernel is not done, and none came after."""
        return any(safety.interrupted for safety in self._safeties())

    def _safeties(self) -> Iterator[Safety]:
        yield from (row.safety for row in self.rows)
        yield from (each.safety for each in self.unmetered)


def calls_of(kernel: type[Kernel]) -> Sequence[Call]:
    """The calls that ``kernel`` may do differently from the reference: both, if in doubt."""
    paths = [name for name in dir(Kernel) if name.endswith("_path")]
    swapped = {name for name in paths if getattr(kernel, name) is not getattr(Kernel, name)}
    if swapped == {"write_path"}:
        return ("write",)
    if swapped == {"read_path"}:
        return ("read",)
    return CALLS


def compare(
    kernels: Sequence[type[Kernel]],
    costs: Costs,
    *,
    examples: int,
    max_time: float | None = None,
    seed: int = 0,
    tell: Callable[[str], None] = lambda _: None,
) -> Comparison:
    """Search and meter each of ``kernels``; without ``examples`` only meter.

    Ctrl-C ends it early; what was found and metered until then is returned.
    """
    rows: list[Row] = []
    unmetered: list[Unmetered] = []
    for kernel in kernels:
        tell(f"{kernel.name}: searching")
        safety = search(kernel, examples=examples, max_time=max_time, seed=seed)
        for call in calls_of(kernel):
            if safety.problem or safety.interrupted:
                why = safety.problem or _INTERRUPTED
                unmetered.append(Unmetered(kernel.name, call, safety, why))
                continue
            tell(f"{kernel.name}: metering {call}")
            try:
                with ctrl_c.interruptible() as work:
                    rows.append(meter(kernel, call, costs, safety))
            except Verdict as verdict:
                unmetered.append(_unmetered(kernel, call, safety, verdict))
            except Problem as problem:
                safety = replace(safety, problem=one_line(problem))
                unmetered.append(Unmetered(kernel.name, call, safety, safety.problem))
            if work.interrupted:
                safety = replace(safety, interrupted=True)
                unmetered.append(Unmetered(kernel.name, call, safety, _INTERRUPTED))
        if safety.interrupted:
            break
    return Comparison(costs, seed, tuple(rows), _all_crossings(rows), tuple(unmetered))


def _unmetered(kernel: type[Kernel], call: Call, safety: Safety, verdict: Verdict) -> Unmetered:
    """What metering met counts as found, if the search met nothing."""
    if not safety.verdict:
        safety = replace(safety, verdict=verdict.kind, message=str(verdict))
    return Unmetered(kernel.name, call, safety, f"{verdict.kind}: {one_line(verdict)}")


def search(
    kernel: type[Kernel], *, examples: int, max_time: float | None = None, seed: int = 0
) -> Safety:
    """What a search of so many programs finds."""
    if not examples:
        return Safety("", "", 0, 0, 0)
    campaign = Fuzzer(kernel, seed=seed).run(examples=examples, max_time=max_time)
    outcome = campaign.outcome
    missed = outcome is None and not campaign.interrupted and campaign.missed_the_kernel
    return Safety(
        str(outcome.kind) if outcome else "",
        str(outcome.verdict) if outcome else "",
        campaign.schedules,
        campaign.examples,
        campaign.undecided,
        _problem(campaign),
        tuple(campaign.never_entered) if missed else (),
        campaign.interrupted,
    )


def _problem(campaign: Campaign) -> str:
    if campaign.problem is not None:
        return one_line(campaign.problem)
    if campaign.undecided and campaign.all_undecided:
        return "every run ended at its step limit"
    return ""


def meter(kernel: type[Kernel], call: Call, costs: Costs, safety: Safety) -> Row:
    """The row of one kernel and call. Raises the verdict or the problem that a run ends in."""

    def costed(workload: Workload) -> Costed:
        return Costed.of(measure(kernel, workload, costs), workload.pages)

    check_done(kernel, call)
    hot = costed(Workload(call))
    bare = measure(Bare, Workload(call), costs).total
    over_cpus = tuple(round(costed(Workload(call, cpus=n)).total, 2) for n in CPUS)
    cold_tables = costed(Workload(call, cold_tables=True))
    return Row(
        kernel.name,
        call,
        safety,
        hot,
        round(hot.total / bare, 4),
        costed(Workload(call, mapped=0)),
        costed(Workload(call, then_store=True)),
        costed(Workload(call, mapped=0, then_store=True)),
        costed(Workload(call, cached=False)),
        costed(Workload(call, cold_source=True)),
        (hot.by.get("walk", 0.0), cold_tables.by.get("walk", 0.0)),
        costed(Workload(call, cpus=AT_SHARES)).interrupts,
        _break_even(hot, bare, over_cpus, costs.copy_hot),
        over_cpus,
        tuple(
            round(costed(Workload(call, 10, 10 - share // 10, cpus=AT_SHARES)).total, 2)
            for share in SHARES
        ),
        tuple(
            round(costed(Workload(call, 2, 0, size=size, cpus=AT_SHARES)).total, 2)
            for size in SIZES
        ),
    )


def _all_crossings(rows: Sequence[Row]) -> dict[str, tuple[Crossing, ...]]:
    """The crossings with the first row of a call; others only where two change places."""
    found: dict[str, tuple[Crossing, ...]] = {}
    for call in CALLS:
        mine = [row for row in rows if row.call == call]
        for what, xs in (("cpus", CPUS), ("shares", SHARES), ("sizes", SIZES)):
            curves = [(row.kernel, getattr(row, f"over_{what}")) for row in mine]
            found[f"{call} over {what}"] = tuple(
                crossing
                for i, (name, curve) in enumerate(curves)
                for other, second in curves[i + 1 :]
                for crossing in crossings(xs, curve, second, (name, other), steps=what == "sizes")
                if i == 0 or not crossing.parting
            )
    return found


def _break_even(
    hot: Costed, bare: float, totals: Sequence[float], copy: float
) -> tuple[float, ...]:
    """Bytes that a page must have for replacing it to cost no more than copying it.

    Replacing costs the same whatever the size, a copy of 4096 bytes costs ``copy``; what both
    calls do besides is in ``bare``. Empty if the hot call copies.
    """
    if hot.by.get("copy"):
        return ()
    return tuple(round((total - (bare - copy)) / copy * PAGE) for total in totals)
