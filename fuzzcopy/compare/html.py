"""The comparison as one HTML page that needs nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from fuzzcopy.compare.row import AT_SHARES, CALLS, CPUS, SHARES, Comparison, Row, Unmetered
from fuzzcopy.compare.svg import Chart
from fuzzcopy.compare.text import describe, describe_break_even, describe_missed, ns, rankings
from fuzzcopy.cost import Call
from fuzzcopy.cost.costs import described

_STYLE = """
:root { color-scheme: light dark; --paper: #fff; --ink: #1b1f24; --faint: #59636e;
  --rule: #d9dee3; --bad: #b42318; --good: #1a7f37; --c0: #1b1f24; --c1: #0969da; --c2: #bc4c00;
  --c3: #1a7f37; --c4: #8250df; --c5: #bf3989; --c6: #9a6700; --c7: #0e8a8a; }
@media (prefers-color-scheme: dark) { :root { --paper: #0f1318; --ink: #e6edf3; --faint: #9aa5b1;
  --rule: #2d343c; --bad: #ff7b72; --good: #56d364; --c0: #e6edf3; --c1: #58a6ff; --c2: #ffa657;
  --c3: #56d364; --c4: #bc8cff; --c5: #f778ba; --c6: #e3b341; --c7: #39d3d3; } }
body { font: 15px/1.5 system-ui, sans-serif; background: var(--paper); color: var(--ink);
  max-width: 75rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { margin-top: 2.5rem; } h3 { font-size: 1rem; margin: 0 0 .25rem; }
p, li, figcaption { max-width: 46rem; } .faint, figcaption { color: var(--faint); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; white-space: nowrap; }
th, td { padding: .3rem .7rem; text-align: right; border-bottom: 1px solid var(--rule); }
th { font-weight: 600; vertical-align: bottom; white-space: normal; max-width: 5.5rem; }
th:first-child, td:first-child, .left { text-align: left; }
td.prose { white-space: normal; text-align: left; }
.bad { color: var(--bad); } .good { color: var(--good); }
.charts { display: flex; flex-wrap: wrap; gap: 1.5rem; margin-top: 1.5rem; }
figure { flex: 1 1 34rem; margin: 0; min-width: 0; } svg { width: 100%; height: auto; }
.grid { stroke: var(--rule); fill: none; } .axis { fill: var(--faint); font-size: 12px; }
.line { fill: none; stroke-width: 2.2; } .thin { stroke-width: 1; } .name { font-size: 13px; }
.crossing { fill: var(--paper); stroke: var(--ink); stroke-width: 2; }
""" + "\n".join(
    f".c{i} {{ stroke: var(--c{i}); }} .f{i} {{ fill: var(--c{i}); }}" for i in range(8)
)

_COLUMNS = (
    ("hot", "mapped, cached, one CPU"),
    ("ratio", "hot, against a bare copy in the same call"),
    ("cold source", "the same, what is copied in no cache of the CPU"),
    ("not cached", "the file's page is not in the page cache"),
    ("disk reads", "per call over a page that is not cached"),
    ("not mapped", "the user's memory is not mapped yet"),
    ("faults", "page faults of that call, failed copies included"),
    ("hot, then stored to", "hot, and then the program stores to the buffer"),
    ("not mapped, then stored to", "not mapped, and then the program stores to the buffer"),
    ("IPIs", f"interrupts of a hot call with {AT_SHARES} CPUs in the process"),
)


def page(comparison: Comparison) -> str:
    """The whole page."""
    sections = [_section(comparison, call) for call in CALLS]
    return "\n".join(
        [
            '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>What copying costs</title><style>{_STYLE}</style></head><body>",
            "<h1>What copying costs, and whether it is safe</h1>",
            "<p>Simulated nanoseconds of CPU time, on all CPUs together (those that are "
            "interrupted count), per page of 4096 bytes. Whether a kernel is safe is said within "
            f"what was searched, from seed {comparison.seed}.</p>",
            *sections,
            _costs(comparison),
            "</body></html>\n",
        ]
    )


def _section(comparison: Comparison, call: Call) -> str:
    rows, unmetered = comparison.of(call), comparison.without_figures(call)
    if not rows and not unmetered:
        return ""
    return "\n".join(
        [
            f"<h2>{call}()</h2>",
            _table(rows, unmetered),
            *[f"<p>{escape(str(each))}</p>" for each in unmetered],
            *[f"<p>{escape(describe_missed(row))}</p>" for row in rows if row.safety.missed],
            *(_curves(comparison, call, rows) if rows else ()),
        ]
    )


def _curves(comparison: Comparison, call: Call, rows: Sequence[Row]) -> list[str]:
    """The plots of a call, and what there is to see in them."""
    crossings = comparison.crossings
    over_cpus, over_shares = crossings[f"{call} over cpus"], crossings[f"{call} over shares"]
    cpus = Chart(
        f"{call}: cost over CPUs",
        "CPUs that run in the address space",
        CPUS,
        [(row.kernel, row.over_cpus) for row in rows],
        over_cpus,
        logarithmic=True,
    )
    shares = Chart(
        f"{call}: cost over the share of pages that are not mapped",
        f"pages of the buffer that are not mapped, in percent ({AT_SHARES} CPUs)",
        SHARES,
        [(row.kernel, row.over_shares) for row in rows],
        over_shares,
        logarithmic=False,
    )
    notes = [describe(c, "CPUs") for c in over_cpus]
    notes += [describe(c, "% not mapped") for c in over_shares]
    notes += [describe(c, "bytes a call") for c in crossings[f"{call} over sizes"]]
    notes += [f"{what}: {' < '.join(names)}" for what, names in rankings(rows)]
    notes += [describe_break_even(row) for row in rows if row.break_even]
    items = "\n".join(f"<li>{escape(note[0].upper() + note[1:])}</li>" for note in notes)
    listed = f"<h3>Where curves cross, and who is cheapest</h3><ul>{items}</ul>" if notes else ""
    return [
        '<div class="charts">',
        f"<figure><h3>Everything mapped, more and more CPUs</h3>{cpus.svg()}</figure>",
        f"<figure><h3>Fewer and fewer pages mapped</h3>{shares.svg()}</figure>",
        "</div>",
        listed,
    ]


def _table(rows: Sequence[Row], unmetered: Sequence[Unmetered]) -> str:
    heads = "".join(f'<th title="{escape(why)}">{escape(name)}</th>' for name, why in _COLUMNS)
    lines = [_line(row, _figures(row)) for row in rows]
    lines += [_line(each, [""] * len(_COLUMNS)) for each in unmetered]
    body = "\n".join(lines)
    legend = "; ".join(f"<b>{escape(name)}</b>: {escape(why)}" for name, why in _COLUMNS)
    return (
        f'<div class="scroll"><table><thead><tr><th>kernel</th><th class="left">found</th>{heads}'
        f"</tr></thead><tbody>\n{body}\n</tbody></table></div>\n<p class='faint'>{legend}.</p>"
    )


def _line(row: Row | Unmetered, cells: Sequence[str]) -> str:
    tone = "good" if row.safety.schedules and not row.safety.missed else "faint"
    found = (
        f'<td class="left bad" title="{escape(row.safety.message)}">'
        f"{escape(row.safety.verdict)}</td>"
        if row.safety.verdict
        else f'<td class="left {tone}">{escape(str(row.safety))}</td>'
    )
    return (
        f"<tr><td>{escape(row.kernel)}</td>{found}"
        + "".join(f"<td>{c}</td>" for c in cells)
        + "</tr>"
    )


def _figures(row: Row) -> list[str]:
    """In the order of :data:`_COLUMNS`."""
    return [
        ns(row.hot.total),
        f"{row.ratio:.2f}",
        ns(row.cold.total),
        ns(row.absent.total),
        f"{row.absent.disk_reads:g}",
        ns(row.unmapped.total),
        f"{row.unmapped.faults + row.unmapped.failed:g}",
        ns(row.reused.total),
        ns(row.unmapped_reused.total),
        f"{row.interrupts:g}",
    ]


def _costs(comparison: Comparison) -> str:
    body = "\n".join(
        f'<tr><td>{name}</td><td>{value:g}</td><td class="prose">{escape(text)}</td></tr>'
        for name, value, text in described(comparison.costs, "the table that was given")
    )
    return (
        "<h2>The table of costs behind it</h2><div class='scroll'><table><thead><tr><th>action</th>"
        f'<th>ns</th><th class="left">what it is</th></tr></thead><tbody>\n{body}\n'
        "</tbody></table></div>"
    )
