"""Lines as text of a given width: each task's text begins in its own lane and may run on right."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from rich.text import Text

from fuzzcopy.report.fold import Line
from fuzzcopy.report.gutter import Gutter

_LEAST = 16
"""No text is squeezed into less."""


def laid_out(lines: Sequence[Line], names: Sequence[str], gutter: Gutter, width: int) -> list[Text]:
    """The timeline, one text per row of the terminal."""
    numbers = [str(ln.low) if ln.low == ln.high else f"{ln.low}-{ln.high}" for ln in lines]
    prefix = max(4, *(len(number) for number in numbers), 0)
    held = len(gutter.header) + 1 if gutter.header else 0
    body = max(width - prefix - 1 - held, 2 * _LEAST)
    changes = body * 2 // 5
    said = body - changes - 2
    lane = _lane(names, said)
    head = Text.assemble(f"{'step':>{prefix}} ", (f"{gutter.header:<{held}}", "cyan"))
    head.append("".join(f"{name:<{lane}}" for name in names[:-1]) + names[-1])
    head.pad_right(prefix + 1 + held + said + 2 - head.cell_len)
    head.append("what changed")
    head.stylize("bold")
    rows = [head]
    for number, line in zip(numbers, lines, strict=True):
        at = names.index(line.who) if line.who in names else 0
        left = _said(line, max(said - at * lane, _LEAST))
        right = _wrapped("; ".join(line.changes), changes)
        for i in range(max(len(left), len(right))):
            row = Text(f"{number if i == 0 else '':>{prefix}} ", style="")
            row.append(f"{gutter.row(line) if i == 0 else '':<{held}}", style="cyan")
            row.append("".join(f"{'|':<{lane}}" for _ in names[:at]), style="dim")
            row.append_text(left[i] if i < len(left) else Text(""))
            row.pad_right(prefix + 1 + held + said + 2 - row.cell_len)
            row.append(right[i] if i < len(right) else "", style="dim")
            row.rstrip()
            rows.append(row)
    return rows


def _lane(names: Sequence[str], width: int) -> int:
    if len(names) < 2:
        return 0
    widest = max(map(len, names)) + 1
    return max(widest, min(14, (width - 2 * _LEAST) // (len(names) - 1)))


def _said(line: Line, width: int) -> list[Text]:
    prefix = f"> {line.mark}: " if line.mark else ("" if line.who else "~ ")
    rows = _wrapped(prefix + "; ".join(line.texts), width)
    texts = [Text(row, style="" if line.who else "bold") for row in rows]
    if line.mark and texts:
        texts[0].stylize("bold yellow", 0, len(prefix))
    return texts


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, break_on_hyphens=False)
