"""What a kernel of the catalogue or a design tells of itself: prose, and the code it swaps."""

from __future__ import annotations

import inspect
import textwrap

from rich.console import Console
from rich.syntax import Syntax


def print_prose(console: Console, docstring: str | None) -> None:
    """Paragraph by paragraph, each filled anew: it was wrapped for another width."""
    paragraphs = inspect.cleandoc(docstring or "").split("\n\n")
    filled = [textwrap.fill(each, console.width, break_on_hyphens=False) for each in paragraphs]
    console.print("\n\n".join(filled), soft_wrap=True, markup=False)


def print_code(console: Console, source: str) -> None:
    """Python, in colours; what is too long for a line runs over, and none is lost."""
    highlighted = Syntax("", "python", background_color="default").highlight(source)
    console.print(highlighted, soft_wrap=True, end="")
