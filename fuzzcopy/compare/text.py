"""The comparison as text."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from fuzzcopy.compare.curves import Crossing
from fuzzcopy.compare.row import AT_SHARES, CALLS, CPUS, SHARES, Comparison, Row, Unmetered

_SHOWN_CPUS = (1, 4, 64)
_SHOWN_SHARES = (50, 90)
_COLUMNS = (
    "hot",
    "ratio",
    "cold",
    "absent",
    "disk",
    "reused",
    "unmapped",
    "faults",
    "reused",
    "IPIs",
    *[f"{n} CPU{'s' if n > 1 else ''}" for n in _SHOWN_CPUS],
    *[f"{s} %" for s in _SHOWN_SHARES],
)


def ns(value: float) -> str:
    """Nanoseconds as a reader wants them: ``137``, ``3.7k``, ``29.7k``."""
    return f"{value:,.0f}" if value < 10_000 else f"{value / 1000:,.1f}k"


def print_comparison(console: Console, comparison: Comparison) -> None:
    """A table per call, what crosses what, and how to read it."""
    for call in CALLS:
        rows = comparison.of(call)
        unmetered = comparison.without_figures(call)
        if not rows and not unmetered:
            continue
        console.print(_table(call, rows, unmetered))
        for each in unmetered:
            console.print(f"  {each}", markup=False, soft_wrap=True)
        for row in rows:
            if row.safety.missed:
                console.print(f"  {describe_missed(row)}", markup=False, soft_wrap=True)
        for what, unit in (("cpus", "CPUs"), ("shares", "% unmapped"), ("sizes", "bytes a call")):
            for crossing in comparison.crossings[f"{call} over {what}"]:
                console.print(f"  {describe(crossing, unit)}", markup=False, soft_wrap=True)
        for what, names in rankings(rows):
            console.print(f"  {what}: {' < '.join(names)}", markup=False, soft_wrap=True)
        for row in rows:
            if row.break_even:
                console.print(f"  {describe_break_even(row)}", markup=False, soft_wrap=True)
        console.print()
    console.print(
        "Simulated ns of CPU time on all CPUs together, per page of 4096 bytes.\n"
        "hot: the user's memory is mapped, the file's cached, one CPU; ratio: to a bare copy in "
        "the same call;\n"
        "cold: the source in no cache of the CPU; absent: the file's page not in the page cache, "
        "and disk reads of that;\n"
        "reused (of what stands before it): the program stores to the buffer afterwards;\n"
        "unmapped: the user's memory is not mapped yet, and page faults of that, failed copies "
        "included;\n"
        f"IPIs: of a hot call with {AT_SHARES} CPUs; then hot with so many CPUs; then with so "
        f"many pages unmapped ({AT_SHARES} CPUs).\n"
        f"found: within what was searched, from seed {comparison.seed}.",
        markup=False,
    )


def describe(crossing: Crossing, unit: str) -> str:
    """A crossing as a sentence."""
    where = f"from {_number(crossing.at)} {unit} on"
    if unit.startswith("%") and crossing.at < 1:
        where = f"as soon as pages are {unit[2:]}"
    return f"{where} {crossing.cheaper} is cheaper than {crossing.dearer} ({ns(crossing.ns)} ns)"


def describe_missed(row: Row) -> str:
    """Why a search that ran decided nothing, as a sentence."""
    never = ", ".join(row.safety.missed)
    return f"nothing decided on {row.kernel}: never entered: {never}"


def rankings(rows: Sequence[Row]) -> list[tuple[str, list[str]]]:
    """The kernels from the cheapest to the dearest: where all is mapped, and where nothing is."""
    if not rows:
        return []
    mapped = sorted(rows, key=lambda row: row.over_shares[0])
    unmapped = sorted(rows, key=lambda row: row.over_shares[-1])
    return [
        (f"cheapest first, all mapped ({AT_SHARES} CPUs)", [row.kernel for row in mapped]),
        (f"cheapest first, nothing mapped ({AT_SHARES} CPUs)", [row.kernel for row in unmapped]),
    ]


def describe_break_even(row: Row) -> str:
    """From which size of a page on replacing it pays, as a sentence."""
    sizes = ", ".join(
        f"{row.break_even[CPUS.index(n)]:,.0f} bytes with {n} CPU{'s' if n > 1 else ''}"
        for n in _SHOWN_CPUS
    )
    return f"{row.kernel} would pay against a hot copy for pages from {sizes} on"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2g}"


def _table(call: str, rows: Sequence[Row], unmetered: Sequence[Unmetered]) -> Table:
    table = Table(title=call, title_justify="left", box=None, header_style="bold", pad_edge=False)
    table.add_column("kernel", no_wrap=True)
    table.add_column("found", no_wrap=True)
    for name in _COLUMNS:
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        table.add_row(
            row.kernel,
            str(row.safety),
            ns(row.hot.total),
            f"{row.ratio:.2f}",
            ns(row.cold.total),
            ns(row.absent.total),
            f"{row.absent.disk_reads:g}",
            ns(row.reused.total),
            ns(row.unmapped.total),
            f"{row.unmapped.faults + row.unmapped.failed:g}",
            ns(row.unmapped_reused.total),
            f"{row.interrupts:g}",
            *[ns(row.over_cpus[CPUS.index(n)]) for n in _SHOWN_CPUS],
            *[ns(row.over_shares[SHARES.index(s)]) for s in _SHOWN_SHARES],
        )
    for each in unmetered:
        table.add_row(each.kernel, str(each.safety))
    return table
